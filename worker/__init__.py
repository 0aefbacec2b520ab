"""The Celery side of the full set; the schedule is shared with the embedded worker."""
