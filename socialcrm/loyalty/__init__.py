"""Loyalty: the points ledger, tiers, benefits, rewards."""
