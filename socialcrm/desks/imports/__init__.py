"""Bring files in: customers, orders, posts, referrals. Line by line, resumable, idempotent."""
