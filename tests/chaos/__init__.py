"""Kumo under attack: processes die at the worst points, replies get lost, Slack misbehaves; then everything is counted.

`python -m tests.chaos` runs it and prints what was done and what came of it.
"""
