"""Health of a group: its figures of each day, kept as rows and re-derived nightly."""
