"""Tables of the accounts area."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..customers.models import Customer
from ..database import Model

ROLES = ("customer", "agent", "lead", "manager", "admin")
STAFF_ROLES = frozenset(ROLES[1:])
SERVICE_ROLES = frozenset({"agent", "lead", "admin"})
MANAGER_ROLES = frozenset({"manager", "admin"})
#: Who judges what colleagues said: takes their corrections back, says what a spike was.
LEADING_ROLES = MANAGER_ROLES | {"lead"}


class Account(Model):
    """A way to sign in. Every account belongs to one customer row, staff included (they post in the community)."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), unique=True)
    email: Mapped[str | None] = mapped_column(String(200), unique=True)
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(10), default="customer", index=True)
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(10), default="zh")
    #: system, light or dark.
    theme: Mapped[str] = mapped_column(String(10), default="system")
    created_at: Mapped[datetime]
    #: base32 TOTP secret once the second factor is confirmed.
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    #: The last accepted TOTP time step, so that a code works once.
    totp_last_step: Mapped[int | None]
    #: Argon2 hashes of unused recovery codes.
    recovery_codes: Mapped[list[Any]] = mapped_column(default=list)
    #: Random part of reset links; changes when used, so that a link works once.
    reset_nonce: Mapped[str | None] = mapped_column(String(64))
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

    # An inner join: PostgreSQL refuses FOR UPDATE over an outer one.
    customer: Mapped[Customer] = relationship(lazy="joined", innerjoin=True)

    @property
    def staff(self) -> bool:
        """Whether this person works for the brand."""
        return self.role in STAFF_ROLES

    @property
    def serves(self) -> bool:
        """Whether this person works at the service desk."""
        return self.role in SERVICE_ROLES

    @property
    def manages(self) -> bool:
        """Whether this person works at the management desk."""
        return self.role in MANAGER_ROLES

    @property
    def leads(self) -> bool:
        """Whether this person judges what colleagues said."""
        return self.role in LEADING_ROLES


class SignInSession(Model):
    """One signed-in device; ended rows stay as history until purged."""

    __tablename__ = "sign_in_sessions"
    __table_args__ = (Index("ix_sign_in_sessions_account", "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: SHA-256 of the random key the cookie carries.
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str] = mapped_column(String(45), default="")
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PhoneCode(Model):
    """A code sent to a phone; the six digits are computed from this row and the installation's secret."""

    __tablename__ = "phone_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    #: verify or reset.
    use: Mapped[str] = mapped_column(String(10))
    phone: Mapped[str] = mapped_column(String(20))
    nonce: Mapped[str] = mapped_column(String(32))
    sent_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class StaffInvitation(Model):
    """A colleague asked by mail to join with a role; the link works once."""

    __tablename__ = "staff_invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), index=True)
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(10))
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    invited_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class AuditEntry(Model):
    """Who did what to what: staff and admin deeds, append-only."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    deed: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int | None]
    facts: Mapped[dict[str, Any]]
