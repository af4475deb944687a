"""The worker processes: one RQ queue each, judging, telling or importing. Only this package knows how RQ runs jobs."""
