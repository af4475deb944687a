"""The rules of Kumo, as pure functions and frozen values.

Nothing in this folder may do input or output, look at a clock, draw a random number, or import anything but the
standard library, `kumo.errors` and itself. What a rule needs is passed in; what it decides is returned.
"""
