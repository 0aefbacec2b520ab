"""Who may see what of the outbox: administrators everything, a customer the own notices."""

from __future__ import annotations

from ..accounts.models import Account
from ..database import db
from ..errors import Forbidden, NotFound
from ..live import room_door
from .models import Message


def message_for(account: Account, message_id: int) -> Message:
    """The message, for an administrator."""
    if account.role != "admin":
        raise Forbidden
    message = db.session.get(Message, message_id)
    if message is None:
        raise NotFound
    return message


room_door("customer", lambda account, number: account is not None and account.customer_id == number)
