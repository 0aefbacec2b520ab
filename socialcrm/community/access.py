"""Who may see or touch what in the community: NotFound for what is invisible, Forbidden for what is only visible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, RowMapping, Select, and_, bindparam, or_, select, true

from ..accounts.models import Account
from ..customers.models import Customer
from ..database import db
from ..errors import Forbidden, JoinFirst, NotFound
from ..live import room_door
from ..settings import setting
from .groups.models import Group, Membership
from .rights import Rights, rights_in
from .topics.models import Post, PostImage, Topic, TopicState

#: The right → the sentence's code when it is missing.
REFUSALS = {
    "write": "join_to_write",
    "moderate": "moderators_only",
    "manage": "managers_only",
}

GROUP_COLUMNS = (
    Group.id,
    Group.name,
    Group.kind,
    Group.access,
    Group.description,
    Group.cover,
    Group.rules_version,
    Group.members,
    Group.topics,
)
MEMBER_COLUMNS = (
    Membership.state,
    Membership.role,
    Membership.level,
    Membership.joined_at,
    Membership.rules_version.label("accepted_version"),
)


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as one person meets it."""

    id: int
    name: str
    kind: str
    access: str
    description: str
    cover: str | None
    rules_version: int
    members: int
    topics: int
    #: The person's membership, None without one.
    state: str | None
    role: str | None
    level: str
    joined_at: datetime | None
    accepted_version: int
    rights: Rights


@dataclass(frozen=True, slots=True)
class TopicView:
    """A topic as one person meets it, with its group."""

    id: int
    title: str
    author_id: int
    state: str
    pinned: bool
    closed: bool
    opened_at: datetime
    first_post_id: int | None
    replies: int
    last_post_id: int | None
    #: How far this person has read, and their level here; 0 and None without a row.
    last_read_id: int
    level: str | None
    group: GroupView

    @property
    def may_reply(self) -> bool:
        """Whether this person may write here now: a closed topic is open to moderators only."""
        rights = self.group.rights
        return rights.write and self.state == "published" and (not self.closed or rights.moderate)


@dataclass(frozen=True, slots=True)
class PostView:
    """A post as one person meets it, with its topic."""

    id: int
    author_id: int
    number: int
    text: str
    state: str
    version: int
    topic: TopicView


def _role(account: Account | None) -> str | None:
    return account.role if account else None


def _customer_id(account: Account | None) -> int:
    return account.customer_id if account else 0


def group_view(row: Any, account: Account | None) -> GroupView:
    """A row of GROUP_COLUMNS + MEMBER_COLUMNS (any more are ignored) with what the person may do."""
    return _group_of(row._mapping, account)


def _group_of(facts: RowMapping, account: Account | None, group: str = "", member: str = "") -> GroupView:
    """The group in a row, whose columns begin with `group` and `member`."""
    state = facts[f"{member}state"]
    role = facts[f"{member}role"]
    return GroupView(
        **{column.key: facts[group + column.key] for column in GROUP_COLUMNS},
        state=state,
        role=role if state == "active" else None,
        level=facts[f"{member}level"] or "normal",
        joined_at=facts[f"{member}joined_at"],
        accepted_version=facts[f"{member}accepted_version"] or 0,
        rights=rights_in(facts[f"{group}access"], _role(account), state, role),
    )


def group_for(
    account: Account | None, group_id: int, right: str = "see", *, invitation: str | None = None
) -> GroupView:
    """The group when this person has the right (see, read, write, moderate, manage).

    The code of an invitation link opens the front of a group that is otherwise invisible. Raises NotFound, Forbidden.
    """
    row = db.session.execute(_one_group, {"me": _customer_id(account), "group": group_id}).first()
    if row is None:
        raise NotFound
    view = group_view(row, account)
    invited = bool(invitation) and invitation == row.invitation_code
    _let_in(view, right, seen=view.rights.see or invited)
    return view


def _let_in(group: GroupView, right: str, *, seen: bool) -> None:
    if not seen:
        raise NotFound
    if right == "read" and not group.rights.read:
        raise JoinFirst(group.id)
    if right != "see" and not getattr(group.rights, right):
        raise Forbidden(REFUSALS[right])


# Built once: the door of every page of the community. `me` is the person's customer id, 0 for a guest.
_own_membership = and_(Membership.group_id == Group.id, Membership.customer_id == bindparam("me"))
_one_group = (
    select(*GROUP_COLUMNS, *MEMBER_COLUMNS, Group.invitation_code)
    .outerjoin(Membership, _own_membership)
    .where(Group.id == bindparam("group"))
)
_one_topic = (
    select(
        Topic.id,
        Topic.title,
        Topic.author_id,
        Topic.state,
        Topic.pinned,
        Topic.closed,
        Topic.opened_at,
        Topic.first_post_id,
        Topic.replies,
        Topic.last_post_id,
        TopicState.last_read_id,
        TopicState.level,
        *[column.label(f"group_{column.key}") for column in GROUP_COLUMNS],
        *[column.label(f"member_{column.key}") for column in MEMBER_COLUMNS],
    )
    .join(Group, Group.id == Topic.group_id)
    .outerjoin(Membership, _own_membership)
    .outerjoin(TopicState, and_(TopicState.topic_id == Topic.id, TopicState.customer_id == bindparam("me")))
    .where(Topic.id == bindparam("topic"))
)


def _topic_view(row: Row[*tuple[Any, ...]], account: Account | None) -> TopicView:
    return TopicView(
        id=row.id,
        title=row.title,
        author_id=row.author_id,
        state=row.state,
        pinned=row.pinned,
        closed=row.closed,
        opened_at=row.opened_at,
        first_post_id=row.first_post_id,
        replies=row.replies,
        last_post_id=row.last_post_id,
        last_read_id=row.last_read_id or 0,
        level=row.level,
        group=_group_of(row._mapping, account, "group_", "member_"),
    )


def _topic_seen(view: TopicView, account: Account | None) -> bool:
    """Hidden and held topics are shown to who moderates, a held one to its writer too."""
    if view.state == "published" or view.group.rights.moderate:
        return True
    return view.state == "held" and account is not None and account.customer_id == view.author_id


def topic_for(account: Account | None, topic_id: int, right: str = "read") -> TopicView:
    """The topic when this person has the right in its group. Raises NotFound, Forbidden."""
    row = db.session.execute(_one_topic, {"me": _customer_id(account), "topic": topic_id}).first()
    if row is None:
        raise NotFound
    view = _topic_view(row, account)
    if not _topic_seen(view, account):
        raise NotFound
    _let_in(view.group, "read", seen=view.group.rights.see)
    _let_in(view.group, right, seen=True)
    return view


def post_for(account: Account | None, post_id: int, right: str = "read") -> PostView:
    """The post when this person may read it and has the right in its group. Raises NotFound, Forbidden."""
    row = db.session.execute(
        select(
            Post.id, Post.author_id, Post.number, Post.text, Post.state, Post.version, Post.topic_id
        ).where(Post.id == post_id)
    ).first()
    if row is None:
        raise NotFound
    topic = topic_for(account, row.topic_id, right)
    if not _post_seen(row, topic, account):
        raise NotFound
    return PostView(row.id, row.author_id, row.number, row.text, row.state, row.version, topic)


def _post_seen(row: Any, topic: TopicView, account: Account | None) -> bool:
    if row.state == "published" or topic.group.rights.moderate:
        return True
    return account is not None and account.customer_id == row.author_id and row.state != "deleted"


def own_post_for(account: Account, post_id: int) -> PostView:
    """A post this person wrote and may still change. Raises NotFound, Forbidden `not_your_post`."""
    post = post_for(account, post_id)
    if post.author_id != account.customer_id:
        raise Forbidden("not_your_post")
    if post.state not in ("published", "held"):
        raise Forbidden("post_is_hidden")
    if post.topic.closed and not post.topic.group.rights.moderate:
        raise Forbidden("topic_closed")
    return post


def _my_groups(account: Account) -> Select[*tuple[Any, ...]]:
    return select(Membership.group_id).where(
        Membership.customer_id == account.customer_id, Membership.state == "active"
    )


def groups_visible_to(account: Account | None) -> Select[int]:
    """Ids of the groups whose front this person may see, as a select to build on."""
    return select(Group.id).where(_group_seen(account))


def _group_seen(account: Account | None) -> Any:
    if account is None:
        return Group.access != "invitation"
    if account.staff:
        return true()
    known = select(Membership.group_id).where(
        Membership.customer_id == account.customer_id, Membership.state.in_(("active", "invited"))
    )
    return or_(Group.access != "invitation", Group.id.in_(known))


def topics_visible_to(account: Account | None) -> Select[int]:
    """Ids of the published topics this person may read, as a select to build on."""
    query = select(Topic.id).where(Topic.state == "published")
    if account is not None and account.staff:
        return query
    readable: Any = Group.access == "public"
    if account is not None:
        readable = or_(readable, Group.id.in_(_my_groups(account)))
    return query.where(Topic.group_id.in_(select(Group.id).where(readable)))


def readable_topics(account: Account | None, topic_ids: Iterable[int]) -> set[int]:
    """Which of these topics this person may read."""
    query = topics_visible_to(account).where(Topic.id.in_(list(topic_ids)))
    return set(db.session.scalars(query))


def file_for(account: Account | None, key: str) -> None:
    """Let pass who may see the file: covers, avatars and the logo are public, a post's image goes with its topic.

    Raises NotFound.
    """
    if setting("brand.logo") == key:
        return
    public = or_(
        select(Group.id).where(Group.cover == key).exists(),
        select(Customer.id).where(Customer.avatar == key).exists(),
        _shown_in(key, account).exists(),
    )
    if not db.session.scalar(select(public)):
        raise NotFound


def _shown_in(key: str, account: Account | None) -> Select[*tuple[Any, ...]]:
    query = select(Post.id).join(PostImage, PostImage.post_id == Post.id).where(PostImage.key == key).limit(1)
    if account is not None and account.manages:
        return query
    open_to_all = and_(Post.state == "published", Post.topic_id.in_(topics_visible_to(account)))
    if account is None:
        return query.where(open_to_all)
    return query.where(or_(open_to_all, Post.author_id == account.customer_id))


def _may_join_topic(account: Account | None, topic_id: int) -> bool:
    try:
        topic_for(account, topic_id)
    except (NotFound, Forbidden):
        return False
    return True


def _may_join_group(account: Account | None, group_id: int) -> bool:
    try:
        group_for(account, group_id, "read")
    except (NotFound, Forbidden):
        return False
    return True


room_door("topic", _may_join_topic)
room_door("group", _may_join_group)
