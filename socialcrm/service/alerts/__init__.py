"""Alerts: which texts ask for a person's attention, once each, and what became of it."""
