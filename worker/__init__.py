"""The worker processes, one RQ queue each: judge, notify or import. Only this package knows how RQ runs jobs."""
