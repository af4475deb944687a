"""Sending alerts: the text of an alert for a destination, and the meaning of the destination's answer.

One module writes the message, one sends it over HTTP, one knows Slack. None of them knows where
alerts are stored or when they are due.
"""
