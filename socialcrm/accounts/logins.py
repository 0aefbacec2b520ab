"""What a person types to sign in, and where they may go afterwards. Pure."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from ..customers.identities import normal_email, normal_phone


def login_key(typed: str) -> tuple[str, str]:
    """('email', address) or ('phone', E.164 number) of what was typed; raises Invalid for neither."""
    typed = unicodedata.normalize("NFKC", typed).strip()
    if "@" in typed:
        return "email", normal_email(typed)
    return "phone", normal_phone(typed)


def safe_next(target: str | None) -> str | None:
    """The target when it is a path of this site, else None (open redirects end here)."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return None
    if any(ord(character) < 0x20 or character == "\\" for character in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target
