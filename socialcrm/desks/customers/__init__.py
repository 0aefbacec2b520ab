"""A customer's whole story for staff: who it is, who brought whom, value so far, mood, tags, timeline, consents."""
