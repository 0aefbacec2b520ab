"""Verbs of the referral chain: codes, edges, conversion, reversal."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from ..customers.models import Customer
from ..database import db, utcnow
from ..errors import Conflict
from ..events import announce
from ..settings import define, setting
from ..shop.models import Order, Refund
from .attribution import Attempt, Signals, flags, refusal, reward_due, within_window
from .events import ReferralConverted, ReferralRecorded, ReferralRefused, ReferralReversed, RewardDue
from .models import Referral, ReferralCode, RefusedReferral
from .queries import ancestors_of, referral_of

# Days between the referral and the first order that still counts.
define("referrals.window_days", 365)
# Days in which an order can be returned; the reward waits for their end.
define("referrals.return_days", 7)
# The smallest order that counts, in cents.
define("referrals.minimum_cents", 1)
# Points for the one who brought, and for the one who came: one level only.
define("referrals.points_referrer", 200)
define("referrals.points_referee", 100)
# Referrals by one person within an hour that a person should look at.
define("referrals.burst", 10)

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def code_of(customer_id: int) -> ReferralCode:
    """The customer's code, made at first use."""
    code = db.session.scalar(select(ReferralCode).where(ReferralCode.customer_id == customer_id))
    if code is None:
        text = "".join(secrets.choice(ALPHABET) for _ in range(8))
        code = ReferralCode(customer_id=customer_id, code=text, created_at=utcnow(), clicks=0)
        db.session.add(code)
        db.session.flush()
    return code


def count_click(code: ReferralCode) -> None:
    """Somebody opened the link."""
    db.session.execute(
        update(ReferralCode).where(ReferralCode.id == code.id).values(clicks=ReferralCode.clicks + 1)
    )


def record_referral(
    referee_id: int, code: str, *, at: datetime | None = None, device_hash: str | None = None
) -> Referral:
    """Keep who brought whom; raises Conflict `self_referral`, `has_referrer`, `loop`, `customer_already`, `code_unknown`.

    Use `try_referral` where a refusal is to be kept and told rather than raised.
    """
    owner = db.session.scalar(select(ReferralCode).where(ReferralCode.code == code))
    if owner is None:
        raise Conflict("code_unknown", field="code")
    return add_edge(referee_id, owner.customer_id, code_id=owner.id, at=at, device_hash=device_hash)


def add_edge(
    referee_id: int,
    referrer_id: int,
    *,
    code_id: int | None = None,
    at: datetime | None = None,
    device_hash: str | None = None,
    known_before: bool = False,
) -> Referral:
    """Keep the edge after locking both people, so that two attempts at once cannot close a loop.

    `known_before` is for imports of the past, where orders may have come in before the chain.
    """
    list(
        db.session.scalars(
            select(Customer.id)
            .where(Customer.id.in_([referee_id, referrer_id]))
            .order_by(Customer.id)
            .with_for_update()
        )
    )
    above = ancestors_of(referrer_id)
    present = referral_of(referee_id)
    if present is not None and present.referrer_id == referrer_id:
        return present
    bought = not known_before and _has_bought(referee_id)
    reason = refusal(
        Attempt(
            referee_id, referrer_id, above, present.referrer_id if present else None, bought_before=bought
        )
    )
    if reason is not None:
        raise Conflict(reason, field="code")
    now = at or utcnow()
    found = flags(_signals(referrer_id, device_hash, now), int(setting("referrals.burst")))
    referral = Referral(
        referee_id=referee_id,
        referrer_id=referrer_id,
        code_id=code_id,
        depth=len(above) + 1,
        state="flagged" if found else "pending",
        reasons=found,
        type="one",
        recorded_at=now,
        device_hash=device_hash,
    )
    db.session.add(referral)
    db.session.flush()
    announce(ReferralRecorded(referral.id))
    return referral


def _has_bought(customer_id: int) -> bool:
    return db.session.scalar(select(Order.id).where(Order.customer_id == customer_id).limit(1)) is not None


def try_referral(referee_id: int, code: str, *, device_hash: str | None = None) -> Referral | RefusedReferral:
    """Record the referral, or keep the refusal with its reason."""
    try:
        return record_referral(referee_id, code, device_hash=device_hash)
    except Conflict as error:
        owner = db.session.scalar(select(ReferralCode).where(ReferralCode.code == code))
        refused = RefusedReferral(
            referee_id=referee_id,
            referrer_id=owner.customer_id if owner else None,
            reason=error.code,
            at=utcnow(),
        )
        db.session.add(refused)
        db.session.flush()
        announce(ReferralRefused(refused.id))
        return refused


def _signals(referrer_id: int, device_hash: str | None, now: datetime) -> Signals:
    same_device = 0
    if device_hash:
        same_device = (
            db.session.scalar(
                select(func.count()).where(
                    Referral.device_hash == device_hash, Referral.referrer_id == referrer_id
                )
            )
            or 0
        )
    last_hour = db.session.scalar(
        select(func.count()).where(
            Referral.referrer_id == referrer_id, Referral.recorded_at > now - timedelta(hours=1)
        )
    )
    return Signals(same_device=same_device, by_referrer_last_hour=last_hour or 0)


def consider_conversion(order: Order) -> Referral | None:
    """Let the first qualifying order convert its buyer's referral; the reward waits for the return window."""
    referral = referral_of(order.customer_id)
    if referral is None or referral.state == "voided" or referral.converted_at is not None:
        return None
    days = int(setting("referrals.window_days"))
    if order.total_cents < int(setting("referrals.minimum_cents")):
        return None
    if not within_window(referral.recorded_at, order.placed_at, days):
        return None
    shared = _shared_with_referrer(order, referral.referrer_id)
    if shared:
        referral.state = "flagged"
        referral.reasons = sorted({*referral.reasons, *shared})
    elif referral.state == "pending":
        referral.state = "approved"
    referral.order_id, referral.converted_at = order.id, order.placed_at
    referral.reward_due_at = reward_due(order.placed_at, int(setting("referrals.return_days")))
    db.session.flush()
    announce(ReferralConverted(referral.id, order.id))
    if referral.reward_due_at <= utcnow():
        announce_reward(referral)
    return referral


def _shared_with_referrer(order: Order, referrer_id: int) -> list[str]:
    shared = []
    for column, code in ((Order.payment_hash, "same_payment"), (Order.address_hash, "same_address")):
        value = getattr(order, column.key)
        if value and db.session.scalar(
            select(Order.id).where(Order.customer_id == referrer_id, column == value).limit(1)
        ):
            shared.append(code)
    return shared


def announce_reward(referral: Referral) -> None:
    """The reward is due, once; a flagged or voided referral waits for a person or gets none."""
    if referral.state != "approved" or referral.rewarded_at is not None or referral.reversed_at is not None:
        return
    referral.rewarded_at = utcnow()
    announce(RewardDue(referral.id))


def announce_due_rewards(limit: int = 200) -> int:
    """Announce the rewards whose return window has passed (periodic job, in the caller's transaction)."""
    query = (
        select(Referral)
        .where(
            Referral.reward_due_at <= utcnow(),
            Referral.rewarded_at.is_(None),
            Referral.reversed_at.is_(None),
            Referral.state == "approved",
        )
        .order_by(Referral.reward_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(db.session.scalars(query))
    for referral in due:
        announce_reward(referral)
    return len(due)


def reverse_conversion(refund: Refund) -> Referral | None:
    """A refund that leaves less than a qualifying amount takes the conversion back."""
    order = refund.order
    referral = db.session.scalar(select(Referral).where(Referral.order_id == order.id))
    if referral is None or referral.reversed_at is not None:
        return None
    refunded = sum(each.amount_cents for each in order.refunds)
    left = order.total_cents - refunded
    if left >= max(int(setting("referrals.minimum_cents")), 1) and refunded * 2 < order.total_cents:
        return None
    referral.reversed_at = utcnow()
    db.session.flush()
    announce(ReferralReversed(referral.id, refund.id))
    return referral


def review_referral(referral: Referral, *, approve: bool, reason: str) -> None:
    """A person decides on a flagged referral; approving may make its reward due, voiding takes the edge out."""
    if referral.state not in ("flagged", "pending"):
        raise Conflict("referral_decided", field="state")
    if approve:
        referral.state = "approved" if referral.converted_at else "pending"
    else:
        referral.state = "voided"
    referral.reasons = [*referral.reasons, reason[:200]]
    if approve and referral.reward_due_at and referral.reward_due_at <= utcnow():
        announce_reward(referral)
