"""Queries: costs, totals, series, anomalies and metrics, for the API."""
