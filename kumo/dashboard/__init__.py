"""The dashboard: one page of static files that reads the public API like any other client."""
