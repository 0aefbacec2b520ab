"""Write down whom a program looked at."""

from __future__ import annotations

from ..api.access import current_caller
from ..database import transaction
from .actions import record_program_access


def looked_at_by_program(*customer_ids: int) -> None:
    """Write down who was shown to the calling integration, in a short transaction of its own."""
    if customer_ids:
        with transaction():
            record_program_access(customer_ids, current_caller().name, "api")
