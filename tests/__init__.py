"""The tests mirror the source; their names state what Kumo does."""
