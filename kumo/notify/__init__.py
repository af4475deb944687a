"""Channels: the text of an alert for a destination, how it is sent, and the meaning of the answer.

`channel.py` has the interface of a channel, `registry.py` the list of channels; each vendor has a folder of
its own. None of them knows where alerts are stored or when they are due.
"""
