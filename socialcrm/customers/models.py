"""Tables of the customers area."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model

PURPOSES = (
    "service",
    "community",
    "marketing_email",
    "marketing_sms",
    "marketing_push",
    "profiling",
    "research",
)
IDENTITY_KINDS = ("email", "phone", "wechat_openid", "wechat_unionid", "shop", "visitor")


class Customer(Model):
    """A person the brand knows; may exist before having an account."""

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    display_name: Mapped[str] = mapped_column(String(60))
    avatar: Mapped[str | None] = mapped_column(String(64))
    city: Mapped[str | None] = mapped_column(String(60))
    gender: Mapped[str | None] = mapped_column(String(10))
    birthday: Mapped[date | None]
    bio: Mapped[str] = mapped_column(Text, default="")
    #: Where the brand first met this person: community, shop, web_chat, import …
    source: Mapped[str] = mapped_column(String(30), default="community")
    created_at: Mapped[datetime] = mapped_column(index=True)
    last_seen_at: Mapped[datetime | None]
    #: −1 … 1, exponentially decaying mean of the opinions on this customer's texts; None without profiling consent.
    mood: Mapped[float | None]
    mood_at: Mapped[datetime | None]
    #: Set when this row was merged into another customer.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)

    identities: Mapped[list[Identity]] = relationship(back_populates="customer")


class Identity(Model):
    """A key of one customer on one channel. Only a verified one matches people across channels."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("customer_id", "kind", "value"),
        Index(
            "uq_identities_verified",
            "kind",
            "value",
            unique=True,
            sqlite_where=text("verified_at IS NOT NULL"),
            postgresql_where=text("verified_at IS NOT NULL"),
        ),
        Index("ix_identities_value", "kind", "value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(200))
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(back_populates="identities")


class ConsentText(Model):
    """A version of the words a customer agreed to, per purpose and language."""

    __tablename__ = "consent_texts"
    __table_args__ = (UniqueConstraint("purpose", "version", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(30))
    version: Mapped[int]
    language: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]


class Consent(Model):
    """Append-only history: given or withdrawn, when, on which text, by which proof. The newest row counts."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_newest", "customer_id", "purpose", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    purpose: Mapped[str] = mapped_column(String(30))
    granted: Mapped[bool]
    text_version: Mapped[int | None]
    #: sign_up, profile, unsubscribe, import, erasure …
    source: Mapped[str] = mapped_column(String(30))
    #: For imports: what proves it (a reference to the signed form, the shop's consent log).
    proof: Mapped[str | None] = mapped_column(String(300))
    at: Mapped[datetime]


class Tag(Model):
    """A tag with its written definition; rule and model tags recompute, manual ones are set by staff."""

    __tablename__ = "tags"
    __table_args__ = (CheckConstraint("kind IN ('rule','manual','model')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    definition: Mapped[str] = mapped_column(Text)


class CustomerTag(Model):
    """A customer has a tag since a time, for a reason that can be shown."""

    __tablename__ = "customer_tags"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"), primary_key=True, index=True)
    since: Mapped[datetime]
    evidence: Mapped[dict[str, Any]]


class TimelineEntry(Model):
    """One line of a customer's history; `(kind, subject, subject_id)` once per customer."""

    __tablename__ = "timeline_entries"
    __table_args__ = (
        UniqueConstraint("customer_id", "kind", "subject", "subject_id"),
        Index("ix_timeline_entries_page", "customer_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    at: Mapped[datetime]
    #: code of the sentence: posted, chatted, ordered, refunded, joined_group, invited, case_opened …
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    #: What the sentence needs: excerpt, polarity, amount …
    facts: Mapped[dict[str, Any]]

    @property
    def is_private(self) -> bool:
        """Whether it is of a chat or a case: what was said there is for those who serve."""
        return self.subject == "message" or self.kind.startswith("case_")


class CustomerFact(Model):
    """What a higher area tells of a customer (value.clv_cents, referrals.invited, loyalty.tier …)."""

    __tablename__ = "customer_facts"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class ProfileAccess(Model):
    """Who looked at whose profile, and from where: the customer can read it."""

    __tablename__ = "profile_accesses"
    __table_args__ = (Index("ix_profile_accesses_page", "customer_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    #: The member of staff; None when a program looked.
    account_id: Mapped[int | None]
    #: Name of the integration that looked through the API.
    program: Mapped[str | None] = mapped_column(String(60))
    at: Mapped[datetime]
    #: profile, case, conversation, export, api …
    reason: Mapped[str] = mapped_column(String(40))


class MergeSuggestion(Model):
    """Two customer rows that look like one person; staff decide."""

    __tablename__ = "merge_suggestions"
    __table_args__ = (UniqueConstraint("customer_id", "other_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    #: What they share: email, phone …
    reason: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
