"""The integration behind a request, for whoever wants to know it: doors, resources and the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from flask import has_request_context, request

_PLACE = "socialcrm.caller"


@dataclass(frozen=True)
class Caller:
    """The integration behind this request."""

    key_id: int
    name: str
    family: str
    scopes: frozenset[str]
    #: The administrator who made the key: what it does in the community it does in this person's name.
    made_by_id: int

    def may(self, scope: str) -> bool:
        """Whether the key has the scope."""
        return scope in self.scopes


def note_caller(caller: Caller) -> None:
    """Remember who calls for the rest of the request."""
    request.environ[_PLACE] = caller


def current_caller() -> Caller:
    """Who calls, inside a guarded resource."""
    caller: Caller = request.environ[_PLACE]
    return caller


def caller_if_any() -> Caller | None:
    """Who calls; None outside the API."""
    return request.environ.get(_PLACE) if has_request_context() else None
