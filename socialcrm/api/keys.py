"""The text of an API key, and what the database keeps of it. Pure."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

MARK = "scrm"


@dataclass(frozen=True)
class FreshKey:
    """`text` is shown once; `prefix` stays visible; `digest` is what is stored."""

    text: str
    prefix: str
    digest: str


def fresh_key() -> FreshKey:
    """A new random key: `scrm_<8 visible characters>_<43 secret ones>`."""
    prefix = f"{MARK}_{secrets.token_hex(4)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    return FreshKey(text, prefix, digest_of(text))


def digest_of(text: str) -> str:
    """SHA-256 in hexadecimal: enough for 256 random bits, and cheap on every request."""
    return hashlib.sha256(text.encode()).hexdigest()
