"""Kumo tells a team, within a second of a cost arriving, that cloud spending jumped."""

__version__ = "0.1.0"
