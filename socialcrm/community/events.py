"""What happens in the community."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Event


@dataclass(frozen=True)
class GroupChanged(Event):
    """Created, renamed, opened or closed to others."""

    group_id: int


@dataclass(frozen=True)
class GroupJoined(Event):
    group_id: int
    customer_id: int


@dataclass(frozen=True)
class GroupLeft(Event):
    group_id: int
    customer_id: int


@dataclass(frozen=True)
class MembershipAsked(Event):
    """Somebody asks to be let into a group."""

    group_id: int
    customer_id: int


@dataclass(frozen=True)
class GroupInvited(Event):
    """A customer has been invited into a group."""

    group_id: int
    customer_id: int
    inviter_id: int


@dataclass(frozen=True)
class TopicOpened(Event):
    topic_id: int


@dataclass(frozen=True)
class TopicChanged(Event):
    """Pinned, closed, opened, moved, hidden or shown again."""

    topic_id: int


@dataclass(frozen=True)
class PostPublished(Event):
    """A text can be read: a topic's first one or a reply."""

    post_id: int
    topic_id: int
    group_id: int
    author_id: int


@dataclass(frozen=True)
class PostEdited(Event):
    post_id: int


@dataclass(frozen=True)
class PostHidden(Event):
    """It can no longer be read: hidden by a moderator or deleted by its writer."""

    post_id: int


@dataclass(frozen=True)
class PostRestored(Event):
    """A hidden post can be read again."""

    post_id: int


@dataclass(frozen=True)
class PostHeld(Event):
    """A word rule keeps a new post for a reviewer."""

    post_id: int


@dataclass(frozen=True)
class PostReported(Event):
    report_id: int


@dataclass(frozen=True)
class ReportDecided(Event):
    report_id: int
