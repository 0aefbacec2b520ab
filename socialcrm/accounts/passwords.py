"""Argon2id password hashes with OWASP's 19 MiB / 2 passes / 1 lane profile (30 ms here; the default costs 238)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The encoded hash to store."""
    return _hasher.hash(password)


def password_matches(encoded: str | None, password: str) -> bool:
    """Whether the password fits; a missing hash costs the same time as a wrong password."""
    try:
        return _hasher.verify(encoded or _NOBODY, password) and encoded is not None
    except (VerificationError, InvalidHashError):
        return False


_NOBODY = _hasher.hash("nobody has this password")
