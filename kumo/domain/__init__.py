"""The rules of Kumo, as pure functions and frozen values.

Code in this folder does no input or output, reads no clock, draws no random numbers, and imports only the standard
library, `kumo.errors` and itself. Callers pass everything that a rule needs; the rule returns its decision.
"""
