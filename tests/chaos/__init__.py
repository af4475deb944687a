"""Kumo under attack: processes die at the worst points, replies are lost, Slack misbehaves; then everything is counted.

`python -m tests.chaos` runs it and prints the attacks and the results.
"""
