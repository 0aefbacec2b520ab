"""How a call is signed. Pure.

`X-SocialCRM-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body" with the endpoint's secret>`. The receiver
computes the same, compares in constant time, and refuses a `t` that is minutes old.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

MARK = "whsec_"


def secret_of(installation: str, endpoint_id: int, nonce: str) -> str:
    """The endpoint's secret."""
    digest = hmac.new(
        installation.encode(), f"webhook:{endpoint_id}:{nonce}".encode(), hashlib.sha256
    ).digest()
    return MARK + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def signature(secret: str, at: int, body: bytes) -> str:
    """The header's value for a body sent at a unix time."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
