"""Kumo's speed compared with what the same machine can do: `make bench` prints the table.

Absolute times mean little on a machine with unknown load and clock. So nearly every figure has a
yardstick that is measured in the same run, alternating with it; the goal is for the ratio.
"""
