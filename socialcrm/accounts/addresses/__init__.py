"""Proof that an email address or a phone number belongs to the account."""
