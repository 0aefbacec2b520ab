"""The thread of a case: append-only entries, each for the customer's eyes or only for ours."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ... import live
from ...accounts.models import Account
from ...database import db, utcnow
from .models import Case, CaseEntry


def add_entry(
    case: Case,
    kind: str,
    *,
    audience: str = "internal",
    acting: Account | None = None,
    text: str = "",
    facts: dict[str, Any] | None = None,
    once: str | None = None,
) -> CaseEntry:
    """Append a line to the thread and hint to everybody who has the case open."""
    entry = CaseEntry(
        case_id=case.id,
        at=utcnow(),
        audience=audience,
        kind=kind,
        account_id=acting.id if acting else None,
        text=text,
        facts=facts or {},
        once=once or None,
    )
    db.session.add(entry)
    db.session.flush()
    case.changed_at = entry.at
    live.push(f"case:{case.id}", "entry", entry.id)
    live.push_to_staff("case", case.id)
    if audience == "customer":
        live.push_to_customer(case.customer_id, "case", case.id)
    return entry


def known_entry(case: Case, once: str | None) -> CaseEntry | None:
    """The entry a repeated submission has already made."""
    if not once:
        return None
    return db.session.scalar(select(CaseEntry).where(CaseEntry.case_id == case.id, CaseEntry.once == once))
