"""What is put into the index and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from .analysis import sound_tokens, written_tokens

PUBLIC = "public"
STAFF = "staff"
PUBLIC_KINDS = ("topic", "reply", "group")
STAFF_KINDS = ("customer", "case")
KINDS = PUBLIC_KINDS + STAFF_KINDS

TITLE_SPAN = 6
BODY_SPAN = 4


def for_group(group_id: int) -> str:
    """The audience of a document that the members of one group may see."""
    return f"group:{group_id}"


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that can be found.

    `kind` is one of KINDS, `id` its number there, `at` its UTC moment (newer first among equals), `audience`
    PUBLIC, STAFF or `for_group(id)`, `url` where a result leads.
    """

    kind: str
    id: int
    title: str
    body: str
    url: str
    audience: str
    at: datetime
    group_id: int | None = None
    customer_id: int | None = None

    @property
    def key(self) -> str:
        """Unique among all documents: "topic:12"."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Fields:
    """The token strings of one document, as both engines keep them."""

    title: str
    body: str
    title_sound: str
    body_sound: str


def tokens_of(document: Document) -> Fields:
    """What the engines index of a document. A reply's title is its topic's and finds the topic, not every reply."""
    title = "" if document.kind == "reply" else document.title
    return Fields(
        title=written_tokens(title),
        body=written_tokens(document.body),
        title_sound=sound_tokens(title, TITLE_SPAN),
        body_sound=sound_tokens(document.body, BODY_SPAN),
    )


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who searches: the groups whose closed talk they may read, and whether they see what only staff sees."""

    groups: frozenset[int] = frozenset()
    staff: bool = False
    every_group: bool = False

    @property
    def audiences(self) -> frozenset[str]:
        """The audiences this person belongs to; group audiences are left out when every group is open to them."""
        named = {PUBLIC} | ({STAFF} if self.staff else set())
        return frozenset(named if self.every_group else named | {for_group(group) for group in self.groups})


def microseconds(at: datetime) -> int:
    """Microseconds since the epoch of an aware moment, exactly."""
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(at: int) -> datetime:
    """The aware UTC moment of `microseconds`."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).replace(microsecond=at % 1_000_000)
