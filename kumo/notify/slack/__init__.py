"""Slack: how an alert looks there, what its answers mean, and the channel that sends."""
