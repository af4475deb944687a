"""The worker processes: one RQ queue each, judging or telling. Only this package knows how RQ runs jobs."""
