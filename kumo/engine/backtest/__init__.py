"""Backtests: a history judged again under other settings."""
