"""Accounts: how a person signs in, with which role, on which devices, with which second factor."""
