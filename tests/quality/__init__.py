"""How well detectors detect: labelled series, the alerts that would be raised, and what they are worth.

Everything here runs the same domain functions as a judge: the detector's fold, then the life of anomalies. An alert is
what would be told: an anomaly that opened or worsened.
"""
