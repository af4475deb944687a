"""The costs of a made-up company, to try Kumo with: sixty days, and what happens to it today."""
