"""Tables of groups and their members."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Model

KINDS = ("product", "knowledge", "life")
ACCESS = ("public", "request", "invitation")
MEMBER_ROLES = ("member", "moderator", "leader")
MEMBER_STATES = ("active", "requested", "invited", "left", "removed")
LEVELS = ("watching", "tracking", "normal", "muted")


class Group(Model):
    """A group of the community. The figures on the row are kept by the actions that change them."""

    __tablename__ = "groups"
    __table_args__ = (
        CheckConstraint("kind IN ('product','knowledge','life')", name="kind"),
        CheckConstraint("access IN ('public','request','invitation')", name="access"),
        Index("ix_groups_page", "kind", "last_post_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    access: Mapped[str] = mapped_column(String(12), default="public")
    description: Mapped[str] = mapped_column(Text, default="")
    #: Storage key of the cover picture.
    cover: Mapped[str | None] = mapped_column(String(64))
    #: Version of the rules in force; 0 while there are none.
    rules_version: Mapped[int] = mapped_column(default=0)
    #: Random part of the invitation link.
    invitation_code: Mapped[str] = mapped_column(String(32))
    members: Mapped[int] = mapped_column(default=0)
    topics: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    last_post_at: Mapped[datetime]
    #: The key of the submission that created it: a repeated one creates nothing.
    once: Mapped[str | None] = mapped_column(String(120), unique=True)


class GroupRules(Model):
    """One published version of a group's rules; never edited."""

    __tablename__ = "group_rules"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]


class Membership(Model):
    """One customer in one group: asked, invited, active, gone. One row for the whole history of the pair."""

    __tablename__ = "group_members"
    __table_args__ = (
        CheckConstraint("role IN ('member','moderator','leader')", name="role"),
        CheckConstraint("state IN ('active','requested','invited','left','removed')", name="state"),
        Index("ix_group_members_page", "group_id", "state", "joined_at", "customer_id"),
        Index("ix_group_members_of", "customer_id", "state"),
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(10), default="member")
    state: Mapped[str] = mapped_column(String(10), default="active")
    joined_at: Mapped[datetime]
    #: The version of the rules this member accepted.
    rules_version: Mapped[int] = mapped_column(default=0)
    #: watching, tracking, normal or muted.
    level: Mapped[str] = mapped_column(String(10), default="normal")
    left_at: Mapped[datetime | None]
    #: The member who invited, or None.
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
