"""What the source looks like in figures, and what a cost walks through: `make structure`."""
