"""Settings an administrator changes on screen: brand, rules, windows. Typed defaults here, values in one table.

Read through `setting(name)`; values are cached in the process for a few seconds, and at once after a change here.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Mapped, mapped_column

from .database import Model, after_commit, db

CACHE_SECONDS = 3.0

#: name → default. One line of meaning each; areas add theirs with `define`.
DEFAULTS: dict[str, Any] = {
    # What customers read as the sender and in the header.
    "brand.name": "SocialCRM",
    "brand.slogan": "",
    # OKLCH lightness, chroma, hue; contrast is checked when it is saved.
    "brand.colour": "oklch(0.41 0.065 55)",
    # Storage key of the logo; empty shows the name's first character.
    "brand.logo": "",
    # Set when the first-run wizard has been gone through.
    "brand.set_up": False,
    # Set by `socialcrm seed`: shows sign-in cards on the front page.
    "demo": False,
    # Staff must have a second factor.
    "security.staff_second_factor": False,
}


class Setting(Model):
    """A value that differs from its default."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[dict[str, Any]]


class _Cache:
    until = 0.0
    values: dict[str, Any] = {}


def define(name: str, default: Any) -> None:
    """Add an area's setting with its default."""
    DEFAULTS[name] = default


def setting(name: str) -> Any:
    """The value in force; KeyError for a name nobody defined."""
    default = DEFAULTS[name]
    if time.monotonic() >= _Cache.until:
        rows = db.session.execute(select(Setting.name, Setting.value))
        _Cache.values = {row.name: row.value["value"] for row in rows}
        _Cache.until = time.monotonic() + CACHE_SECONDS
    return _Cache.values.get(name, default)


def change_setting(name: str, value: Any) -> None:
    """Store a value; takes effect in this process after the commit, elsewhere within seconds."""
    if name not in DEFAULTS:
        raise KeyError(name)
    row = db.session.get(Setting, name)
    if row is None:
        db.session.add(Setting(name=name, value={"value": value}))
    else:
        row.value = {"value": value}
    after_commit(forget_cache)


def lock_setting(name: str) -> None:
    """Wait for whoever else holds this setting's lock; held until the transaction ends. For what must not happen twice at once."""
    insert = insert_postgresql if db.session.connection().dialect.name == "postgresql" else insert_sqlite
    row = {"name": name, "value": {"value": DEFAULTS[name]}}
    db.session.execute(insert(Setting).values(row).on_conflict_do_nothing())
    db.session.execute(select(Setting.name).where(Setting.name == name).with_for_update())


def forget_cache() -> None:
    """Read the table again at the next look."""
    _Cache.until = 0.0
