"""Queries: costs, totals, series, anomalies and figures, as the API shows them."""
