"""How fast Kumo is, beside what the same machine can do at all: `make bench` prints the table.

Absolute times say little on a machine whose load and clock nobody knows. So nearly every figure stands beside a
yardstick that is measured in the same run, turn by turn with it; the ratio is what has a goal.
"""
