"""What the pages of groups and topics read: rows of columns, by key, a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Row, Select, and_, bindparam, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased

from ...accounts.models import Account
from ...customers.models import Customer
from ...database import db
from ..access import GroupView, TopicView
from ..groups.models import Membership
from .models import Bookmark, Draft, Mention, Post, PostReaction, PostVersion, Topic, TopicState
from .rendering import names_in, numbers_in

TOPICS_A_PAGE = 20
POSTS_A_PAGE = 20
ARRIVALS_AT_ONCE = 100
PINNED_AT_MOST = 10
#: A statement takes some ten thousand parameters.
NAMES_AT_ONCE = 2_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A page of a group's topics; `next` is the key of the following page or None."""

    pinned: list[Row[*tuple[Any, ...]]]
    topics: list[Row[*tuple[Any, ...]]]
    next: str | None


# The statements of the hot pages are built once: building one costs more than running it. `me` is the person's
# customer id, 0 for a guest.

_topic_rows = (
    select(
        Topic.id,
        Topic.title,
        Topic.excerpt,
        Topic.image,
        Topic.pinned,
        Topic.closed,
        Topic.replies,
        Topic.reactions,
        Topic.last_post_at,
        Topic.last_post_id,
        Topic.author_id,
        Customer.display_name.label("author"),
        Customer.avatar,
        TopicState.last_read_id,
        TopicState.level,
    )
    .join(Customer, Customer.id == Topic.author_id)
    .outerjoin(TopicState, and_(TopicState.topic_id == Topic.id, TopicState.customer_id == bindparam("me")))
    .where(Topic.group_id == bindparam("group"), Topic.state == "published")
    .order_by(Topic.last_post_at.desc(), Topic.id.desc())
)
_pinned_topics = _topic_rows.where(Topic.pinned.is_(True)).limit(PINNED_AT_MOST)
_newest_topics = _topic_rows.where(Topic.pinned.is_(False)).limit(TOPICS_A_PAGE + 1)


def topic_page(group_id: int, account: Account | None, before: str | None = None) -> TopicPage:
    """A group's topics, newest activity first; pinned ones come with the first page only."""
    given = {"group": group_id, "me": _me(account)}
    pinned: list[Row[*tuple[Any, ...]]] = []
    key = read_key(before)
    query = _newest_topics
    if key is None:
        pinned = list(db.session.execute(_pinned_topics, given))
    else:
        query = query.where(older_than(Topic.last_post_at, Topic.id, key))
    rows = list(db.session.execute(query, given))
    shown = rows[:TOPICS_A_PAGE]
    more = len(rows) > TOPICS_A_PAGE
    return TopicPage(pinned, shown, write_key(shown[-1].last_post_at, shown[-1].id) if more else None)


def _me(account: Account | None) -> int:
    return account.customer_id if account else 0


def write_key(at: datetime, thing_id: int) -> str:
    """A page's key in a URL: microseconds and id."""
    return f"{(at - EPOCH) // MICROSECOND}-{thing_id}"


def read_key(key: str | None) -> tuple[datetime, int] | None:
    """The (time, id) of `write_key`; None for anything else."""
    stamp, _, number = (key or "").partition("-")
    if not (stamp.isdecimal() and number.isdecimal() and len(stamp) < 18 and len(number) < 18):
        return None
    return EPOCH + int(stamp) * MICROSECOND, int(number)


def older_than(at: Any, thing_id: Any, key: tuple[datetime, int]) -> Any:
    """The condition that a row of (at, id) comes after `key` in a list of newest first."""
    return tuple_(at, thing_id) < tuple_(literal(key[0], at.type), literal(key[1], thing_id.type))


def unread(row: Any, group: GroupView) -> bool:
    """Whether a topic's row holds something this member has not read (nothing older than their joining counts)."""
    if group.state != "active" or row.last_post_id is None or row.level == "muted" or group.level == "muted":
        return False
    if row.last_read_id is None:
        return group.joined_at is not None and row.last_post_at > group.joined_at
    return bool(row.last_post_id > row.last_read_id)


@dataclass(frozen=True, slots=True)
class PostPage:
    """A page of a topic's posts in order; `earlier` and `later` are post ids to page by, or None at an end."""

    posts: list[Row[*tuple[Any, ...]]]
    earlier: int | None
    later: int | None


_quoted, _quoted_author = aliased(Post), aliased(Customer)
#: Held posts are shown to their writer and to moderators; hidden and deleted ones keep their place, without text.
_shown = and_(
    Post.topic_id == bindparam("topic"),
    or_(bindparam("keeps", type_=Boolean), Post.state != "held", Post.author_id == bindparam("me")),
)
_post_rows = (
    select(
        Post.id,
        Post.number,
        Post.html,
        Post.state,
        Post.reason,
        Post.images,
        Post.reactions,
        Post.published_at,
        Post.edited_at,
        Post.author_id,
        Post.reply_to_id,
        _quoted.number.label("reply_to_number"),
        _quoted_author.display_name.label("reply_to_author"),
        Customer.display_name.label("author"),
        Customer.avatar,
        Account.role.label("account_role"),
        Membership.role.label("member_role"),
    )
    .join(Customer, Customer.id == Post.author_id)
    .outerjoin(Account, Account.customer_id == Post.author_id)
    .outerjoin(
        Membership,
        and_(
            Membership.customer_id == Post.author_id,
            Membership.group_id == bindparam("group"),
            Membership.state == "active",
        ),
    )
    .outerjoin(_quoted, _quoted.id == Post.reply_to_id)
    .outerjoin(_quoted_author, _quoted_author.id == _quoted.author_id)
    .where(_shown)
)
_posts_after = _post_rows.where(Post.id > bindparam("after")).order_by(Post.id).limit(bindparam("size"))
_posts_before = (
    _post_rows.where(Post.id < bindparam("before")).order_by(Post.id.desc()).limit(bindparam("size"))
)
_one_post = _post_rows.where(Post.id == bindparam("post"))
_ids_shown = select(Post.id).where(_shown)


def _given(topic: TopicView, account: Account | None) -> dict[str, Any]:
    return {
        "topic": topic.id,
        "group": topic.group.id,
        "me": _me(account),
        "keeps": topic.group.rights.moderate,
    }


def post_page(
    topic: TopicView,
    account: Account | None,
    *,
    after: int | None = None,
    before: int | None = None,
    size: int = POSTS_A_PAGE,
) -> PostPage:
    """Posts of a topic, oldest first: those after an id, those just before an id, or the first page."""
    given = {**_given(topic, account), "size": size + 1}
    if before is not None:
        rows = list(db.session.execute(_posts_before, {**given, "before": before}))
        shown = rows[:size][::-1]
        return PostPage(shown, shown[0].id if len(rows) > size else None, shown[-1].id if shown else None)
    rows = list(db.session.execute(_posts_after, {**given, "after": after or 0}))
    shown = rows[:size]
    earlier = shown[0].id if after and shown else None
    return PostPage(shown, earlier, shown[-1].id if len(rows) > size else None)


def one_post(topic: TopicView, account: Account | None, post_id: int) -> Row[*tuple[Any, ...]] | None:
    """One post as the page shows it."""
    return db.session.execute(_one_post, {**_given(topic, account), "post": post_id}).first()


def topic_of(post_id: int) -> int | None:
    """The topic a post is in."""
    return db.session.scalar(select(Post.topic_id).where(Post.id == post_id))


def page_start(topic: TopicView, account: Account | None, post_id: int) -> int | None:
    """The `after` of a page on which the post is: None when the first page shows it."""
    given = _given(topic, account)
    first = list(db.session.scalars(_ids_shown.order_by(Post.id).limit(POSTS_A_PAGE), given))
    if not first or post_id <= first[-1]:
        return None
    earlier = _ids_shown.where(Post.id < post_id).order_by(Post.id.desc()).limit(POSTS_A_PAGE // 2)
    return list(db.session.scalars(earlier, given))[-1]


_own_marks = union_all(
    select(PostReaction.post_id, PostReaction.kind).where(
        PostReaction.customer_id == bindparam("me"),
        PostReaction.post_id.in_(bindparam("posts", expanding=True)),
    ),
    select(Bookmark.post_id, literal("bookmark").label("kind")).where(
        Bookmark.customer_id == bindparam("me"), Bookmark.post_id.in_(bindparam("posts", expanding=True))
    ),
)


def own_marks(post_ids: Sequence[int], account: Account | None) -> dict[int, set[str]]:
    """Post id → this person's reactions and `bookmark`, in one query (none for a guest)."""
    marks: dict[int, set[str]] = {}
    if account is None or not post_ids:
        return marks
    for row in db.session.execute(_own_marks, {"me": account.customer_id, "posts": list(post_ids)}):
        marks.setdefault(row.post_id, set()).add(row.kind)
    return marks


def draft_at(account: Account | None, place: str) -> Draft | None:
    """What this person has begun to write at the place."""
    return db.session.get(Draft, (account.customer_id, place)) if account else None


def versions_of(post_id: int) -> list[Row[*tuple[Any, ...]]]:
    """What a post said before, newest first, with who changed it and when."""
    return list(
        db.session.execute(
            select(
                PostVersion.version,
                PostVersion.html,
                PostVersion.replaced_at,
                Customer.display_name.label("editor"),
            )
            .join(Customer, Customer.id == PostVersion.editor_id)
            .where(PostVersion.post_id == post_id)
            .order_by(PostVersion.version.desc())
            .limit(50)
        )
    )


def people_named(text: str, group_id: int) -> dict[str, int]:
    """Names that follow an `@` in the text and belong to members of the group or to staff: name → customer id.

    Where two share a name, the plain name means who joined first, and `name#id` means exactly one.
    """
    return people_named_each([text], group_id)[0]


def people_named_each(texts: Sequence[str], group_id: int) -> list[dict[str, int]]:
    """`people_named` of each text, asked for together."""
    wanted = [(set(names_in(text)), set(numbers_in(text))) for text in texts]
    called = _people_called(
        group_id,
        list({name for names, _ in wanted for name in names}),
        list({number for _, numbers in wanted for number in numbers}),
    )
    found: list[dict[str, int]] = []
    for names, numbers in wanted:
        people: dict[str, int] = {}
        for number, name in called:
            if name in names or number in numbers:
                people[name] = people[f"{name}#{number}"] = number
        found.append(people)
    return found


def _people_called(group_id: int, names: list[str], numbers: list[int]) -> list[tuple[int, str]]:
    """(customer id, name) of members and staff with such a name or number, who joined last first."""
    people: dict[int, str] = {}
    for at in range(0, len(names), NAMES_AT_ONCE):
        some = Customer.display_name.in_(names[at : at + NAMES_AT_ONCE])
        query = _people(group_id).where(or_(some, Customer.id.in_(numbers)))
        people.update({row.id: row.display_name for row in db.session.execute(query)})
    return sorted(people.items(), reverse=True)


def _people(group_id: int) -> Select[*tuple[Any, ...]]:
    members = select(Membership.customer_id).where(
        Membership.group_id == group_id, Membership.state == "active"
    )
    staff = select(Account.customer_id).where(Account.role != "customer", Account.active)
    return select(Customer.id, Customer.display_name, Customer.avatar, Customer.bio).where(
        or_(Customer.id.in_(members), Customer.id.in_(staff))
    )


def people_to_mention(group_id: int, beginning: str, limit: int = 8) -> list[Row[*tuple[Any, ...]]]:
    """Members and staff whose name contains what was typed after `@`."""
    query = _people(group_id)
    if beginning:
        escaped = beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(Customer.display_name.ilike(f"%{escaped}%", escape="\\"))
    return list(db.session.execute(query.order_by(Customer.display_name, Customer.id).limit(limit)))


def mentioned_in(post_id: int) -> list[int]:
    """Customers a post names."""
    return list(db.session.scalars(select(Mention.customer_id).where(Mention.post_id == post_id)))


def bookmarks_of(
    account: Account, visible: Select[int], before: str | None = None
) -> list[Row[*tuple[Any, ...]]]:
    """Kept posts this person may still read, newest first, by key."""
    query = (
        select(
            Post.id,
            Post.html,
            Post.topic_id,
            Topic.title,
            Bookmark.at,
            Customer.display_name.label("author"),
            Customer.avatar,
        )
        .join(Post, Post.id == Bookmark.post_id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Customer, Customer.id == Post.author_id)
        .where(
            Bookmark.customer_id == account.customer_id,
            Post.state == "published",
            Post.topic_id.in_(visible),
        )
    )
    key = read_key(before)
    if key is not None:
        query = query.where(older_than(Bookmark.at, Bookmark.post_id, key))
    return list(
        db.session.execute(
            query.order_by(Bookmark.at.desc(), Bookmark.post_id.desc()).limit(TOPICS_A_PAGE + 1)
        )
    )
