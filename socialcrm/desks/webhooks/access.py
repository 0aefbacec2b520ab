"""Who may see addresses and their calls: administrators. Loading this registers the channel's sender."""

from __future__ import annotations

from ...accounts.models import Account
from ...database import db
from ...errors import Forbidden, NotFound
from ...outbox.models import Message
from ...outbox.webhooks import sending as sending
from ...outbox.webhooks.models import WebhookEndpoint


def endpoint_for(account: Account, endpoint_id: int) -> WebhookEndpoint:
    """The address, for an administrator."""
    if account.role != "admin":
        raise Forbidden
    endpoint = db.session.get(WebhookEndpoint, endpoint_id)
    if endpoint is None:
        raise NotFound
    return endpoint


def delivery_for(account: Account, endpoint_id: int, message_id: int) -> Message:
    """A call to the address, for an administrator."""
    endpoint = endpoint_for(account, endpoint_id)
    message = db.session.get(Message, message_id)
    if message is None or not message.key.startswith(f"hook:{endpoint.id}:"):
        raise NotFound
    return message
