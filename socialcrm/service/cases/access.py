"""Who may see and touch which case: service staff all of them, a customer the own ones."""

from __future__ import annotations

from sqlalchemy import Select, select

from ...accounts.models import Account
from ...database import db
from ...errors import Forbidden, NotFound
from ...live import room_door
from .models import Case


def case_for(account: Account, case_id: int) -> Case:
    """The case for an agent's desk. A customer gets NotFound for others' cases, Forbidden for an own one's inside."""
    case = db.session.get(Case, case_id)
    if case is None or not (account.serves or case.customer_id == account.customer_id):
        raise NotFound
    if not account.serves:
        raise Forbidden
    return case


def matter_for(account: Account, case_id: int) -> Case:
    """The customer's side of an own case; NotFound for everybody else's."""
    case = db.session.get(Case, case_id)
    if case is None or case.customer_id != account.customer_id:
        raise NotFound
    return case


def cases_visible_to(account: Account) -> Select[Case]:
    """The statement lists begin with: all cases for service staff, the own ones for everybody else."""
    everything = select(Case)
    return everything if account.serves else everything.where(Case.customer_id == account.customer_id)


def _room_door(account: Account | None, case_id: int) -> bool:
    return account is not None and account.serves and db.session.get(Case, case_id) is not None


room_door("case", _room_door)
