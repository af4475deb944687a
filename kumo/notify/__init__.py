"""Telling people: how an alert is worded for a destination, and what its answer means.

One module words the message, one sends it over HTTP, one knows Slack. None of them knows where
alerts are kept or when they are due.
"""
