"""Kumo alerts a team within a second after a cost arrives that is unusually high."""

__version__ = "0.1.0"
