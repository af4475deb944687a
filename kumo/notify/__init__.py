"""Channels: how an alert is worded for a destination, how it is sent, and what the answer means.

`channel.py` says what every channel does, `registry.py` which there are; each vendor has a folder of
its own. None of them knows where alerts are kept or when they are due.
"""
