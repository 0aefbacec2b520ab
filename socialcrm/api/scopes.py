"""What a key may do. Pure."""

from __future__ import annotations

SCOPES = (
    "customers:read",
    "customers:write",
    "orders:read",
    "orders:write",
    "posts:read",
    "posts:write",
    "conversations:read",
    "conversations:write",
    "referrals:read",
    "referrals:write",
    "points:read",
    "points:write",
    "events:read",
    "events:write",
    "search:read",
    "sentiment:read",
    "sentiment:write",
    "learning:read",
    "learning:write",
    "trends:read",
)
