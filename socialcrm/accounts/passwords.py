"""Argon2id password hashes with OWASP's 19 MiB / 2 passes / 1 lane profile (30 ms here; the default costs 238)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..errors import Invalid

SHORTEST, LONGEST = 8, 128
#: What people choose first; an attacker tries these before anything else.
COMMON = frozenset(
    [
        "12345678",
        "123456789",
        "1234567890",
        "87654321",
        "11111111",
        "00000000",
        "88888888",
        "66666666",
        "12341234",
        "11223344",
        "123123123",
        "password",
        "password1",
        "passw0rd",
        "p@ssw0rd",
        "qwertyui",
        "qwerty123",
        "1qaz2wsx",
        "abc12345",
        "a1234567",
        "abcd1234",
        "aa123456",
        "asdfghjk",
        "iloveyou",
        "5201314520",
        "woaini1314",
        "woaini520",
        "admin123",
        "letmein1",
        "zxcvbnm1",
        "qazwsxedc",
        "147258369",
        "123456789a",
        "a123456789",
        "1q2w3e4r",
        "1q2w3e4r5t",
        "q1w2e3r4",
        "12345678910",
        "socialcrm",
    ]
)

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


def check_password(password: str, *, names: tuple[str | None, ...] = ()) -> None:
    """Refuse a password that is too short, too long, common, one character, or the person's own login.

    Raises Invalid `password_short`, `password_long` or `password_weak` on the field `password`.
    """
    if len(password) < SHORTEST:
        raise Invalid("password_short", field="password", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid("password_long", field="password", longest=LONGEST)
    folded = password.lower()
    if folded in COMMON or len(set(folded)) < 3 or folded in {name.lower() for name in names if name}:
        raise Invalid("password_weak", field="password")


_NOBODY = _hasher.hash("nobody has this password")
