"""What the notification centre says of the community: each function hands notices to the outbox, once per cause."""

from __future__ import annotations

from sqlalchemy import select

from ..customers.models import Customer
from ..database import db
from ..outbox.actions import send_notice
from .groups.models import Group, Membership
from .moderation.models import Report
from .queries import post_facts
from .topics.telling import people_to_tell


def tell_of_post(post_id: int) -> None:
    """Tell who was named, answered, or watches."""
    people = people_to_tell(post_id)
    if not people:
        return
    facts = post_facts(post_id)
    name = db.session.get_one(Customer, facts.author_id).display_name
    for customer_id, reason in people.items():
        send_notice(
            f"post_{reason}",
            customer_id=customer_id,
            key=f"post:{post_id}:{customer_id}",
            purpose="community",
            url=facts.url,
            name=name,
            title=facts.topic_title,
            excerpt=facts.excerpt[:60],
        )


def tell_of_hiding(post_id: int) -> None:
    """Tell the writer that a moderator hid a post, and why; a post its writer took back needs no word."""
    facts = post_facts(post_id)
    if facts.state != "hidden":
        return
    send_notice(
        "post_hidden",
        customer_id=facts.author_id,
        key=f"post_hidden:{post_id}:{facts.version}",
        url=f"/groups/{facts.group_id}/moderation-log",
        title=facts.topic_title,
        reason=facts.reason or "",
    )


def tell_of_request(group_id: int, customer_id: int) -> None:
    """Tell the group's leaders and moderators that somebody asks to be let in."""
    asked = db.session.get_one(Membership, (group_id, customer_id))
    keepers = select(Membership.customer_id).where(
        Membership.group_id == group_id,
        Membership.state == "active",
        Membership.role.in_(("leader", "moderator")),
    )
    for keeper_id in list(db.session.scalars(keepers)):
        _tell(
            "group_asked",
            group_id,
            keeper_id,
            f"group_asked:{group_id}:{customer_id}:{asked.joined_at:%Y%m%d%H%M%S}:{keeper_id}",
            url=f"/groups/{group_id}/members",
            named=customer_id,
        )


def tell_of_invitation(group_id: int, customer_id: int, inviter_id: int) -> None:
    """Tell somebody that a member invites them."""
    key = f"group_invited:{group_id}:{customer_id}"
    _tell("group_invited", group_id, customer_id, key, url=f"/groups/{group_id}/join", named=inviter_id)


def welcome(group_id: int, customer_id: int) -> None:
    """Tell somebody who had to ask that they are in."""
    if db.session.get_one(Group, group_id).access == "request":
        joined = db.session.get_one(Membership, (group_id, customer_id)).joined_at
        key = f"group_let_in:{group_id}:{customer_id}:{joined:%Y%m%d%H%M%S}"
        _tell("group_let_in", group_id, customer_id, key, url=f"/groups/{group_id}", named=customer_id)


def _tell(template: str, group_id: int, customer_id: int, key: str, *, url: str, named: int) -> None:
    send_notice(
        template,
        customer_id=customer_id,
        key=key,
        purpose="community",
        url=url,
        group=db.session.get_one(Group, group_id).name,
        name=db.session.get_one(Customer, named).display_name,
    )


def tell_of_decision(report_id: int) -> None:
    """Tell a reporter what came of the report."""
    report = db.session.get_one(Report, report_id)
    send_notice(
        "report_decided",
        customer_id=report.reporter_id,
        key=f"report_decided:{report_id}",
        url=post_facts(report.post_id).topic_url,
        upheld=report.state == "upheld",
        answer=report.answer,
    )
