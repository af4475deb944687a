"""Totals of periods, of series and of groups: what is judged and learned, since they are the sums that people pay."""
