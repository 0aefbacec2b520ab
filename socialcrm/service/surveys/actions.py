"""Ask how it went, and close the loop with the answer. Inside the caller's transaction()."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from ... import live
from ...database import db, utcnow
from ...errors import Conflict, Invalid, NotFound
from ...events import announce
from ..cases.actions import close, reopen
from ..cases.events import CaseRated
from ..cases.models import Case
from ..cases.thread import add_entry
from .models import CaseRating

CONTENT, UNHAPPY = 4, 2


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="case-rating")


def rating_token(case: Case) -> str:
    """The key of the one-time link: it fits this round of solving only."""
    return str(_signer().dumps([case.id, case.rounds]))


def case_of_token(token: str) -> tuple[Case, int]:
    """The case and round a link asks about; NotFound for a forged one."""
    try:
        case_id, number = _signer().loads(token)
    except (BadSignature, ValueError):
        raise NotFound from None
    case = db.session.get(Case, case_id)
    if case is None:
        raise NotFound
    return case, int(number)


def rating_of(case_id: int, number: int) -> CaseRating | None:
    """The answer of one round."""
    return db.session.scalar(
        select(CaseRating).where(CaseRating.case_id == case_id, CaseRating.round == number)
    )


def rate_case(
    case: Case, score: int, text: str = "", *, number: int | None = None, source: str = "page"
) -> CaseRating:
    """Keep the answer (1–5): 4 and 5 close the case, 1 and 2 open it again and alert the leads.

    A round is rated once. Raises Invalid `score_missing`, Conflict `already_rated`, `case_not_solved`.
    """
    number = case.rounds if number is None else number
    if score not in range(1, 6):
        raise Invalid("score_missing", field="score")
    db.session.refresh(case, with_for_update={"of": Case})
    if rating_of(case.id, number) is not None:
        raise Conflict("already_rated")
    if case.status not in ("solved", "closed") or number != case.rounds:
        raise Conflict("case_not_solved")
    rating = CaseRating(
        case_id=case.id, round=number, score=score, text=text.strip()[:1000], source=source, at=utcnow()
    )
    db.session.add(rating)
    db.session.flush()
    add_entry(case, "rated", audience="customer", text=rating.text, facts={"score": score})
    if score >= CONTENT:
        close(case)
    elif score <= UNHAPPY:
        reopen(case)
        case.priority = "urgent" if case.priority in ("high", "urgent") else "high"
        live.push_to_staff("unhappy", case.id)
    announce(CaseRated(case.id, rating.id))
    return rating
