"""Write down a staff deed."""

from __future__ import annotations

from typing import Any

from ..api.caller import caller_if_any
from ..database import db, utcnow
from .models import Account, AuditEntry


def audit(acting: Account | None, deed: str, subject: str, subject_id: int | None, **facts: Any) -> None:
    """Append to the audit log in the caller's transaction; what a program does through the API names its key."""
    caller = caller_if_any()
    if caller is not None:
        facts["api_key"] = f"{caller.name} #{caller.key_id}"
    db.session.add(
        AuditEntry(
            at=utcnow(),
            account_id=acting.id if acting else None,
            deed=deed,
            subject=subject,
            subject_id=subject_id,
            facts=facts,
        )
    )
