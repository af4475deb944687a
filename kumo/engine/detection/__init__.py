"""Detection: judging arrivals under the policies that cover them, and explaining verdicts."""
