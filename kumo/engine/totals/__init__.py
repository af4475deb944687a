"""Totals of series and groups: what is judged of them, and what of that is worth an alert."""
