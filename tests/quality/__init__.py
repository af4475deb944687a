"""The quality of detectors: labelled series, the alerts they would raise, and how good those are.

Everything here runs the same domain functions as a judge: the detector's fold, then the life of anomalies. An alert
is an anomaly that opened or worsened.
"""
