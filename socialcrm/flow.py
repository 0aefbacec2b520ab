"""The product's story on one page: which event makes which area act.

In the order in which things happen. Nobody else registers a reaction. A reaction is one to three lines: it
reads from any area what the event only names, and hands values to one action.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .accounts.events import AccountOpened, EmailLinkAsked, PasswordResetAsked, PhoneCodeAsked, StaffInvited
from .accounts.links import email_link, invitation_link, reset_link
from .accounts.models import Account, PhoneCode, StaffInvitation
from .accounts.proof import phone_code
from .accounts.queries import staff_among
from .channels.events import MessageReceived, MessageSent, VisitorRecognised
from .channels.queries import message_by_id
from .community import queries as community
from .community import telling
from .community.events import (
    GroupChanged,
    GroupInvited,
    GroupJoined,
    GroupLeft,
    MembershipAsked,
    PostEdited,
    PostHidden,
    PostPublished,
    PostRestored,
    ReportDecided,
    TopicChanged,
)
from .community.groups.documents import GROUPS
from .community.health.actions import days_of_joining, days_of_posts, refresh_days
from .community.topics.documents import REPLIES, TOPICS, concerned_by, replies_in
from .community.topics.telling import news_among
from .customers.actions import put_fact, record_many_on_timeline, record_moods, record_on_timeline
from .customers.events import CustomerChanged, CustomerCreated, IdentityVerified
from .customers.intake import Line
from .customers.queries import consenting
from .customers.retagging import retag, retag_many, tag_from_opinion
from .database import db, utcnow
from .desks.customer_life import follow_customer
from .desks.imports.events import ImportPieceDue
from .desks.imports.uploads import Piece as FilePiece
from .desks.imports.uploads import import_piece, read_pieces
from .desks.learning.rescoring import Piece as RescoringPiece
from .desks.learning.rescoring import carry_out as rescore_piece
from .desks.learning.rescoring import read_pieces as read_rescoring_pieces
from .desks.learning.teaching import Learned, keep_learned, learn
from .desks.listening.counting import Piece, hear_piece, recount_piece
from .desks.listening.telling import tell_of_spike
from .desks.listening.texts import hear_events
from .desks.texts import StandingText, texts_of, texts_with_places
from .desks.understanding.actions import keep_speed
from .desks.understanding.events import SpeedAsked
from .events import BULK, LIVE, reacts_to
from .loyalty.actions import earn_points, reverse_points
from .loyalty.events import PointsPosted
from .loyalty.intake import Earning, earn_together
from .loyalty.ledger import points_for_order
from .outbox.actions import send_mail, send_sms
from .outbox.webhooks.actions import tell_endpoints
from .referrals.actions import consider_conversion, reverse_conversion, try_referral
from .referrals.events import ReferralConverted, ReferralRecorded, ReferralReversed, RewardDue
from .referrals.models import Referral
from .referrals.queries import referees_among, referral_counts
from .search.actions import refresh_documents
from .search.people import CUSTOMERS
from .sentiment.actions import Scored, forget_marks, forget_opinion, record_opinions, score
from .sentiment.events import OpinionForgotten, TextRescored, TextScored
from .sentiment.learning.events import LayerAsked, RescoringPieceDue
from .sentiment.models import OpinionRow
from .sentiment.queries import mood_score, opinions_by_id
from .sentiment.speed import Speed, measured_speed
from .sentiment.trends.actions import recount
from .sentiment.trends.events import HearingChanged, SpikeFound
from .sentiment.trends.hearing import Heard
from .service.alerts.actions import consider_alert, may_raise, open_case_by_rule, settle_alerts_of
from .service.alerts.events import AlertRaised
from .service.cases.actions import note_chat
from .service.cases.documents import CASES
from .service.cases.events import (
    CaseAnswered,
    CaseBreached,
    CaseClosed,
    CaseOpened,
    CaseRated,
    CaseReopened,
    CaseSolved,
)
from .service.cases.models import Case
from .service.cases.queries import case_of_conversation
from .service.cases.telling import (
    ask_rating,
    tell_answered,
    tell_breached,
    tell_opened,
    tell_rated,
    tell_reopened,
)
from .settings import setting
from .shop.events import OrderPlaced, OrderRefunded
from .shop.models import Order, Refund
from .shop.queries import orders_by_id, spent_by
from .value.actions import revalue_referee

# — Somebody comes by a friend's link, signs up and proves an address —


@reacts_to(AccountOpened)
def note_sign_up(event: AccountOpened) -> None:
    account = db.session.get_one(Account, event.account_id)
    record_on_timeline(event.customer_id, "signed_up", "account", event.account_id, account.created_at)


@reacts_to(AccountOpened, lane=LIVE)
def keep_who_brought(event: AccountOpened) -> None:
    if event.referral_code:
        try_referral(event.customer_id, event.referral_code)


@reacts_to(ReferralRecorded)
def tell_the_referrer(event: ReferralRecorded) -> None:
    referral = db.session.get_one(Referral, event.referral_id)
    record_on_timeline(referral.referrer_id, "invited", "referral", referral.id, referral.recorded_at)
    record_on_timeline(referral.referee_id, "came_by", "referral", referral.id, referral.recorded_at)
    put_fact(referral.referee_id, "referrals.brought_by", customer_id=referral.referrer_id)
    put_fact(referral.referrer_id, "referrals.invited", **referral_counts(referral.referrer_id))


@reacts_to(EmailLinkAsked, lane=LIVE)
def mail_email_link(event: EmailLinkAsked) -> None:
    account = db.session.get_one(Account, event.account_id)
    _mail_link("verify_email", account, event.request_id, email_link(account))


@reacts_to(PasswordResetAsked, lane=LIVE)
def mail_reset_link(event: PasswordResetAsked) -> None:
    account = db.session.get_one(Account, event.account_id)
    _mail_link("reset", account, event.request_id, reset_link(account))


def _mail_link(template: str, account: Account, request_id: str, link: str) -> None:
    key = f"{template}:{account.id}:{request_id}"
    name = account.customer.display_name
    send_mail(template, to=account.email or "", key=key, language=account.language, name=name, link=link)


@reacts_to(StaffInvited, lane=LIVE)
def mail_invitation(event: StaffInvited) -> None:
    invitation = db.session.get_one(StaffInvitation, event.invitation_id)
    inviter = db.session.get_one(Account, invitation.invited_by_id).customer.display_name
    facts: dict[str, Any] = {"name": invitation.name, "inviter": inviter, "link": invitation_link(invitation)}
    send_mail("invitation", to=invitation.email, key=f"invitation:{invitation.id}", **facts)


@reacts_to(PhoneCodeAsked, lane=LIVE)
def text_phone_code(event: PhoneCodeAsked) -> None:
    code = db.session.get_one(PhoneCode, event.phone_code_id)
    send_sms("code", to=code.phone, key=f"phone_code:{code.id}", code=phone_code(code), minutes=10)


# — Somebody says something, in a group or in a chat, and it is read —


def _score_posts(events: Sequence[PostPublished | PostEdited | PostRestored]) -> Scored:
    return score(list(texts_of(("post", event.post_id) for event in events).values()))


@reacts_to(PostPublished, lane=LIVE, batch=64, prepare=_score_posts)
def read_posts(_: list[PostPublished], scored: Scored) -> None:
    record_opinions(scored)


@reacts_to(PostEdited, batch=64)
def forget_marks_in_posts(events: list[PostEdited], _: object) -> None:
    forget_marks("post", [event.post_id for event in events])


@reacts_to(PostEdited, batch=64, prepare=_score_posts)
@reacts_to(PostRestored, batch=64, prepare=_score_posts)
def read_posts_again(_: list[PostEdited | PostRestored], scored: Scored) -> None:
    record_opinions(scored)


@reacts_to(PostHidden)
def forget_hidden_post(event: PostHidden) -> None:
    forget_opinion("post", event.post_id)


def _score_messages(events: list[MessageReceived]) -> Scored:
    return score(list(texts_of(("message", event.message_id) for event in events).values()))


@reacts_to(MessageReceived, lane=LIVE, batch=64, prepare=_score_messages)
def read_messages(_: list[MessageReceived], scored: Scored) -> None:
    record_opinions(scored)


@reacts_to(VisitorRecognised)
def let_a_guests_past_follow(event: VisitorRecognised) -> None:
    follow_customer(event.visitor_id, event.customer_id)


@reacts_to(SpeedAsked, batch=8, prepare=lambda _: measured_speed())
def keep_measured_speed(_: list[SpeedAsked], speed: Speed) -> None:
    keep_speed(speed)


# — What was read lands on the profile, and calls somebody when it must —


def _read(events: Sequence[TextScored]) -> list[tuple[TextScored, int, OpinionRow]]:
    """Each event with who wrote the text and the opinion, while there are both."""
    opinions = opinions_by_id([event.opinion_id for event in events])
    return [
        (event, event.customer_id, opinions[event.opinion_id])
        for event in events
        if event.customer_id is not None and event.opinion_id in opinions
    ]


@reacts_to(TextScored, lane=LIVE, batch=32)
def raise_alert(events: Sequence[TextScored], _: object) -> None:
    asking = [(event, who, opinion) for event, who, opinion in _read(events) if may_raise(opinion.answer)]
    staff = staff_among([who for _, who, _ in asking])
    said = _said([event for event, _, _ in asking])
    for event, who, opinion in asking:
        if who not in staff:
            text = said[event.subject, event.subject_id]
            consider_alert(
                subject=event.subject,
                subject_id=event.subject_id,
                customer_id=who,
                text=text.words.text,
                opinion=opinion.answer,
                place=text.page,
                place_id=text.page_id,
                said_at=opinion.at,
            )


@reacts_to(TextScored, batch=64)
def feel_mood(events: Sequence[TextScored], _: object) -> None:
    record_moods([(who, mood_score(opinion), opinion.at) for _, who, opinion in _read(events)])


@reacts_to(TextScored, batch=32)
def tag_writer(events: Sequence[TextScored], _: object) -> None:
    read = _read(events)
    willing = consenting({who for _, who, _ in read}, "profiling")
    for event, who, opinion in read:
        if who in willing:
            tag_from_opinion(who, opinion.answer, subject=event.subject, subject_id=event.subject_id)


@reacts_to(TextScored, batch=64)
def write_text_on_timeline(events: Sequence[TextScored], _: object) -> None:
    said = _said(events)
    lines = []
    for event, who, opinion in _read(events):
        text = said[event.subject, event.subject_id]
        kind = "posted" if event.subject == "post" else "chatted"
        facts = {
            "excerpt": text.excerpt,
            "url": text.url,
            "polarity": opinion.polarity,
            "where": text.title,
        }
        lines.append(Line(who, kind, event.subject, event.subject_id, opinion.at, facts))
    record_many_on_timeline(lines)


def _said(events: Sequence[TextScored]) -> dict[tuple[str, int], StandingText]:
    return texts_with_places((event.subject, event.subject_id) for event in events)


@reacts_to(AlertRaised, lane=LIVE)
def open_case_for_alert(event: AlertRaised) -> None:
    open_case_by_rule(event.alert_id)


# — A case is worked on: what is said in its chat belongs to it, and the customer learns each step —


@reacts_to(MessageReceived)
@reacts_to(MessageSent)
def note_chat_on_case(event: MessageReceived | MessageSent) -> None:
    case = case_of_conversation(event.conversation_id)
    if case is not None:
        note_chat(message_by_id(event.message_id), case)


@reacts_to(CaseOpened, lane=LIVE)
def tell_case_opened(event: CaseOpened) -> None:
    tell_opened(event.case_id)


@reacts_to(CaseAnswered, lane=LIVE)
def tell_case_answered(event: CaseAnswered) -> None:
    tell_answered(event.case_id, event.entry_id)
    settle_alerts_of(event.case_id)


@reacts_to(CaseSolved, lane=LIVE)
def ask_how_it_went(event: CaseSolved) -> None:
    ask_rating(event.case_id)
    settle_alerts_of(event.case_id)


@reacts_to(CaseRated)
def tell_case_rated(event: CaseRated) -> None:
    tell_rated(event.case_id, event.rating_id)


@reacts_to(CaseReopened)
def tell_case_reopened(event: CaseReopened) -> None:
    tell_reopened(event.case_id)


@reacts_to(CaseBreached)
def tell_case_breached(event: CaseBreached) -> None:
    tell_breached(event.case_id, event.clock)


# — People of the community hear of each other —


@reacts_to(GroupJoined)
def write_joining_on_timeline(event: GroupJoined) -> None:
    group = community.joined_facts(event.group_id, event.customer_id)
    record_on_timeline(
        event.customer_id, "joined_group", "group", event.group_id, group.joined_at, name=group.name
    )
    telling.welcome(event.group_id, event.customer_id)


@reacts_to(MembershipAsked)
def tell_keepers(event: MembershipAsked) -> None:
    telling.tell_of_request(event.group_id, event.customer_id)


@reacts_to(GroupInvited)
def tell_invited(event: GroupInvited) -> None:
    telling.tell_of_invitation(event.group_id, event.customer_id, event.inviter_id)


@reacts_to(PostPublished, batch=32)
def tell_whom_it_concerns(events: Sequence[PostPublished], _: object) -> None:
    for post_id in news_among([event.post_id for event in events]):
        telling.tell_of_post(post_id)


@reacts_to(PostHidden)
def tell_writer_of_hiding(event: PostHidden) -> None:
    telling.tell_of_hiding(event.post_id)


@reacts_to(ReportDecided)
def tell_reporter(event: ReportDecided) -> None:
    telling.tell_of_decision(event.report_id)


# — A group's day is the sum of what was written in it —


@reacts_to(PostPublished, batch=64)
@reacts_to(PostHidden, batch=64)
@reacts_to(PostRestored, batch=64)
def count_posts_in_days(events: Sequence[PostPublished | PostHidden | PostRestored], _: object) -> None:
    refresh_days(days_of_posts([event.post_id for event in events]))


@reacts_to(TextScored, batch=64)
def feel_mood_of_days(events: Sequence[TextScored], _: object) -> None:
    refresh_days(days_of_posts([event.subject_id for event in events if event.subject == "post"]))


@reacts_to(GroupJoined)
@reacts_to(GroupLeft)
def count_members_in_days(event: GroupJoined | GroupLeft) -> None:
    refresh_days(days_of_joining(event.group_id, event.customer_id))


# — What the texts say together: trends, spikes, rising phrases —


@reacts_to(TextScored, batch=64, prepare=hear_events)
@reacts_to(TextRescored, batch=64, prepare=hear_events)
@reacts_to(OpinionForgotten, batch=64, prepare=hear_events)
def count_in_trends(_: Sequence[TextScored | TextRescored | OpinionForgotten], heard: list[Heard]) -> None:
    recount(heard)


@reacts_to(HearingChanged, lane=BULK, batch=2, prepare=hear_piece)
def count_again(events: Sequence[HearingChanged], pieces: list[Piece]) -> None:
    for event, piece in zip(events, pieces, strict=True):
        recount_piece(event, piece)


@reacts_to(SpikeFound)
def tell_managers_of_spike(event: SpikeFound) -> None:
    tell_of_spike(event.spike_id)


# — The shop reports an order —


@reacts_to(OrderPlaced, batch=64)
def write_order_on_timeline(events: Sequence[OrderPlaced], _: object) -> None:
    orders = orders_by_id([event.order_id for event in events])
    record_many_on_timeline(
        [
            Line(
                order.customer_id,
                "ordered",
                "order",
                order.id,
                order.placed_at,
                {"cents": order.total_cents, "currency": order.currency},
            )
            for order in orders.values()
        ]
    )


@reacts_to(OrderPlaced, batch=64)
def earn_points_for_order(events: Sequence[OrderPlaced], _: object) -> None:
    rate, now = int(setting("loyalty.cents_per_point")), utcnow()
    earn_together(
        [
            Earning(
                order.customer_id,
                points_for_order(order.total_cents, rate),
                "order",
                f"order:{order.id}",
                now,
                {"order": order.code},
            )
            for order in orders_by_id([event.order_id for event in events]).values()
        ]
    )


@reacts_to(OrderPlaced, batch=32)
def convert_referral(events: Sequence[OrderPlaced], _: object) -> None:
    brought = referees_among([event.customer_id for event in events])
    for event in events:
        if event.customer_id in brought:
            consider_conversion(db.session.get_one(Order, event.order_id))
            revalue_referee(event.customer_id)


@reacts_to(ReferralConverted)
def write_conversion_on_timeline(event: ReferralConverted) -> None:
    referral = db.session.get_one(Referral, event.referral_id)
    record_on_timeline(
        referral.referrer_id,
        "referral_converted",
        "referral",
        referral.id,
        referral.converted_at or referral.recorded_at,
    )


@reacts_to(RewardDue)
def reward_both_sides(event: RewardDue) -> None:
    """One level only: who brought, and who came; nobody above them (禁止传销条例)."""
    referral = db.session.get_one(Referral, event.referral_id)
    for reason, customer_id, name in (
        ("referral", referral.referrer_id, "referrals.points_referrer"),
        ("referral_welcome", referral.referee_id, "referrals.points_referee"),
    ):
        facts = {"referee": referral.referee_id, "referrer": referral.referrer_id, "order": referral.order_id}
        earn_points(
            customer_id, int(setting(name)), reason=reason, source=f"referral:{referral.id}", facts=facts
        )
    revalue_referee(referral.referee_id)


# — The shop reports a refund —


@reacts_to(OrderRefunded)
def write_refund_on_timeline(event: OrderRefunded) -> None:
    refund = db.session.get_one(Refund, event.refund_id)
    record_on_timeline(
        event.customer_id, "refunded", "refund", refund.id, refund.at, cents=refund.amount_cents
    )


@reacts_to(OrderRefunded)
def take_back_points_of_order(event: OrderRefunded) -> None:
    order = db.session.get_one(Order, event.order_id)
    if sum(refund.amount_cents for refund in order.refunds) >= order.total_cents:
        reverse_points("order", f"order:{order.id}", because="refund")


@reacts_to(OrderRefunded)
def reverse_referral(event: OrderRefunded) -> None:
    reverse_conversion(db.session.get_one(Refund, event.refund_id))
    revalue_referee(event.customer_id)


@reacts_to(ReferralReversed)
def take_back_rewards(event: ReferralReversed) -> None:
    referral = db.session.get_one(Referral, event.referral_id)
    for reason in ("referral", "referral_welcome"):
        reverse_points(reason, f"referral:{referral.id}", because="refund")
    revalue_referee(referral.referee_id)


# — What lower areas must know of a customer —


@reacts_to(OrderPlaced, batch=64)
@reacts_to(OrderRefunded, batch=64)
def tell_orders(events: Sequence[OrderPlaced | OrderRefunded], _: object) -> None:
    willing = consenting({event.customer_id for event in events}, "profiling")
    spent = spent_by(willing)
    for customer_id in sorted(willing):
        orders, cents = spent.get(customer_id, (0, 0))
        put_fact(customer_id, "shop.orders", count=orders, net_cents=cents)
    retag_many(willing)


@reacts_to(ReferralConverted)
@reacts_to(ReferralReversed)
def tell_referrals(event: ReferralConverted | ReferralReversed) -> None:
    referrer_id = db.session.get_one(Referral, event.referral_id).referrer_id
    put_fact(referrer_id, "referrals.invited", **referral_counts(referrer_id))
    retag(referrer_id)


# — What can be found follows what is there —


@reacts_to(CustomerCreated, batch=32)
@reacts_to(CustomerChanged, batch=32)
@reacts_to(IdentityVerified, batch=32)
def find_customers(events: Sequence[CustomerCreated | CustomerChanged | IdentityVerified], _: object) -> None:
    refresh_documents(CUSTOMERS, [event.customer_id for event in events])


@reacts_to(CaseOpened, batch=32)
@reacts_to(CaseAnswered, batch=32)
@reacts_to(CaseSolved, batch=32)
@reacts_to(CaseReopened, batch=32)
@reacts_to(CaseClosed, batch=32)
def find_cases(
    events: Sequence[CaseOpened | CaseAnswered | CaseSolved | CaseReopened | CaseClosed], _: object
) -> None:
    refresh_documents(CASES, [event.case_id for event in events])


@reacts_to(GroupChanged, batch=32)
def find_groups(events: Sequence[GroupChanged], _: object) -> None:
    refresh_documents(GROUPS, [event.group_id for event in events])


@reacts_to(PostPublished, batch=32)
@reacts_to(PostEdited, batch=32)
@reacts_to(PostHidden, batch=32)
@reacts_to(PostRestored, batch=32)
def find_posts(events: Sequence[PostPublished | PostEdited | PostHidden | PostRestored], _: object) -> None:
    # What is new takes nothing along: each reply of a new topic is announced itself.
    along = not isinstance(events[0], PostPublished)
    topics, replies = concerned_by([event.post_id for event in events], along=along)
    refresh_documents(TOPICS, topics)
    refresh_documents(REPLIES, replies)


@reacts_to(TopicChanged, batch=8)
def find_topics(events: Sequence[TopicChanged], _: object) -> None:
    topics = [event.topic_id for event in events]
    refresh_documents(TOPICS, topics)
    refresh_documents(REPLIES, replies_in(topics))


# — A file comes in, piece by piece —


@reacts_to(ImportPieceDue, lane=BULK, batch=2, prepare=read_pieces)
def take_in_piece(events: Sequence[ImportPieceDue], pieces: Sequence[FilePiece]) -> None:
    for event, piece in zip(events, pieces, strict=True):
        import_piece(event, piece)


# — Staff teach the engine; what it learned is applied to old texts, too —


@reacts_to(LayerAsked, lane=BULK, batch=2, prepare=learn)
def keep_what_was_learned(_: Sequence[LayerAsked], learned: Sequence[Learned]) -> None:
    keep_learned(learned)


@reacts_to(RescoringPieceDue, lane=BULK, batch=2, prepare=read_rescoring_pieces)
def read_texts_again(events: Sequence[RescoringPieceDue], pieces: Sequence[RescoringPiece]) -> None:
    for event, piece in zip(events, pieces, strict=True):
        rescore_piece(event, piece)


# — Programs elsewhere hear of it, those that asked —


@reacts_to(CustomerCreated, batch=64)
def tell_programs_of_customers(events: Sequence[CustomerCreated], _: object) -> None:
    tell_endpoints("customer.created", events, "customer_id")


@reacts_to(OrderPlaced, batch=64)
def tell_programs_of_orders(events: Sequence[OrderPlaced], _: object) -> None:
    tell_endpoints("order.placed", events, "order_id")


@reacts_to(OrderRefunded, batch=64)
def tell_programs_of_refunds(events: Sequence[OrderRefunded], _: object) -> None:
    tell_endpoints("order.refunded", events, "refund_id")


@reacts_to(PostPublished, batch=64)
def tell_programs_of_posts(events: Sequence[PostPublished], _: object) -> None:
    tell_endpoints("post.published", events, "post_id")


@reacts_to(AlertRaised, batch=64)
def tell_programs_of_alerts(events: Sequence[AlertRaised], _: object) -> None:
    tell_endpoints("alert.raised", events, "alert_id")


@reacts_to(CaseOpened, batch=64)
def tell_programs_of_cases(events: Sequence[CaseOpened], _: object) -> None:
    tell_endpoints("case.opened", events, "case_id")


@reacts_to(CaseSolved)
def tell_programs_of_solution(event: CaseSolved) -> None:
    solved = db.session.get_one(Case, event.case_id).solved_at
    tell_endpoints("case.solved", [event], "case_id", again=f":{solved:%Y%m%d%H%M%S}" if solved else "")


@reacts_to(ReferralConverted, batch=64)
def tell_programs_of_conversions(events: Sequence[ReferralConverted], _: object) -> None:
    tell_endpoints("referral.converted", events, "referral_id")


@reacts_to(PointsPosted, batch=64)
def tell_programs_of_points(events: Sequence[PointsPosted], _: object) -> None:
    tell_endpoints("points.posted", events, "transaction_id")
