"""Time-based one-time codes (RFC 6238) that work once, and recovery codes. Pure."""

from __future__ import annotations

import hmac
import secrets

import pyotp

PERIOD_SECONDS = 30
RECOVERY_CODES = 8
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def accepted_step(secret: str, code: str, unix_time: float, last_step: int | None) -> int | None:
    """The time step whose code this is, one step of clock drift either way; None for a wrong or used code."""
    code = "".join(code.split())
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    now = int(unix_time) // PERIOD_SECONDS
    totp = pyotp.TOTP(secret, interval=PERIOD_SECONDS)
    for step in (now - 1, now, now + 1):
        fits = hmac.compare_digest(totp.generate_otp(step), code)
        if fits and (last_step is None or step > last_step):
            return step
    return None


def provisioning_uri(secret: str, name: str, issuer: str) -> str:
    """What the QR code holds for an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def new_recovery_codes() -> list[str]:
    """Fresh codes of ten characters (49 bits), shown once as `abcde-fghjk`."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def _recovery_code() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"{text[:5]}-{text[5:]}"


def normal_recovery_code(typed: str) -> str:
    """As it was shown, whatever case, spaces or dashes were typed."""
    text = "".join(character for character in typed.lower() if character.isalnum())
    return f"{text[:5]}-{text[5:]}"
