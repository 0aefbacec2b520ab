"""Surveys: how it went, asked after a case is solved; the answer closes the loop."""
