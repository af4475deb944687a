"""The quality of detectors: labelled series, the alerts they would raise, and how good those are; and healthy fleets.

Everything runs the same functions as `python -m kumo backtest`. Only the table of parts looks at entries alone.
"""
