"""Outbox: everything that leaves (mail, SMS, app push, webhooks, notices) and its gate: purpose, consent, caps, quiet hours, idempotency."""
