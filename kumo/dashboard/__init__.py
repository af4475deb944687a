"""The dashboard: one page of static files that reads only the public API."""
