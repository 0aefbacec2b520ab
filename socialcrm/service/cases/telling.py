"""Tell people about cases: the customer in the notification centre and by mail, the leads about what went wrong.

Hands messages to the outbox, in the caller's transaction; each has a key, so that telling twice is telling once.
"""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import select

from ...accounts.models import Account
from ...config import Config
from ...customers.actions import record_on_timeline
from ...database import db
from ...outbox.actions import send_mail, send_notice
from ..surveys.actions import rating_token
from ..surveys.models import CaseRating
from .models import Case, CaseEntry

EXCERPT = 80


def tell_opened(case_id: int) -> None:
    """The customer learns that somebody takes care, and where to follow it."""
    case = db.session.get_one(Case, case_id)
    _write(case, "case_opened", "case", case.id, text=case.title)
    send_notice(
        "case_opened",
        customer_id=case.customer_id,
        key=f"case_opened:{case.id}",
        url=_matter(case),
        title=case.title,
    )


def tell_answered(case_id: int, entry_id: int) -> None:
    """The customer learns that there is an answer."""
    case, entry = db.session.get_one(Case, case_id), db.session.get_one(CaseEntry, entry_id)
    _write(case, "case_answered", "case_entry", entry.id, text=entry.text)
    send_notice(
        "case_answered",
        customer_id=case.customer_id,
        key=f"case_answered:{entry.id}",
        url=_matter(case),
        title=case.title,
        excerpt=entry.text[:EXCERPT],
    )


def ask_rating(case_id: int) -> None:
    """The customer learns what was done and is asked how it went, by notice and, with an address, by mail."""
    case = db.session.get_one(Case, case_id)
    if case.status != "solved":
        return
    key = f"case_solved:{case.id}:{case.rounds}"
    _write(case, "case_solved", "case", case.id, text=case.solution)
    send_notice("case_solved", customer_id=case.customer_id, key=key, url=_matter(case), title=case.title)
    account = db.session.scalar(select(Account).where(Account.customer_id == case.customer_id))
    if account is None or not account.email:
        return
    config: Config = current_app.extensions["config"]
    send_mail(
        "case_solved",
        to=account.email,
        key=f"{key}:mail",
        customer_id=case.customer_id,
        language=account.language,
        name=account.customer.display_name,
        title=case.title,
        solution=case.solution,
        link=f"{config.base_url}/rate/{rating_token(case)}",
    )


def tell_rated(case_id: int, rating_id: int) -> None:
    """The answer goes on the customer's timeline; a bad one reaches the leads."""
    case, rating = db.session.get_one(Case, case_id), db.session.get_one(CaseRating, rating_id)
    _write(case, "case_rated", "case_rating", rating.id, text=rating.text, score=rating.score)
    if rating.score <= 2:
        _tell_leads(case, "case_unhappy", f"case_unhappy:{rating.id}", score=rating.score)


def tell_reopened(case_id: int) -> None:
    """The timeline says that it goes on."""
    case = db.session.get_one(Case, case_id)
    _write(case, "case_reopened", "case", case.id, text=case.title)


def tell_breached(case_id: int, clock: str) -> None:
    """The leads learn which limit has passed."""
    case = db.session.get_one(Case, case_id)
    _tell_leads(case, "case_breached", f"case_breached:{case.id}:{clock}:{case.rounds}", clock=clock)


def _tell_leads(case: Case, template: str, key: str, **facts: Any) -> None:
    leads = db.session.scalars(select(Account).where(Account.role == "lead", Account.active))
    for lead in leads:
        send_notice(
            template,
            customer_id=lead.customer_id,
            key=f"{key}:{lead.id}",
            url=f"/desk/cases/{case.id}",
            case=case.id,
            title=case.title,
            **facts,
        )


def _matter(case: Case) -> str:
    return f"/me/matters/{case.id}"


def _write(case: Case, kind: str, subject: str, subject_id: int, *, text: str, **facts: int) -> None:
    record_on_timeline(
        case.customer_id,
        kind,
        subject,
        subject_id,
        case.changed_at,
        case=case.id,
        excerpt=text[:EXCERPT],
        url=f"/desk/cases/{case.id}",
        **facts,
    )
