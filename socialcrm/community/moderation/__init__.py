"""Moderation in the open: reports, hiding with a reason, the public anonymised log, sensitive-word rules."""
