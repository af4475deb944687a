"""Totals of periods, of series and of groups: judged and learned, because they are the sums that people pay."""
