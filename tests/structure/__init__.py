"""Figures of the source, and the walk of a cost through it: `make structure`."""
