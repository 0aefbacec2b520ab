"""Named errors and the one map from them to pages (HTML) and problem+json (RFC 9457).

Python raises English codes; `templates/errors/messages.html` holds the sentence for each code.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException


class SocialError(Exception):
    """Base: `code` names what happened, `field` the input it is about, `facts` fill its sentence."""

    status = 400

    def __init__(self, code: str, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.facts = facts


class Invalid(SocialError):
    """Input that cannot be accepted as it is."""

    status = 422


class NotFound(SocialError):
    """There is no such thing, or not for this person."""

    status = 404

    def __init__(self, code: str = "not_found", **facts: Any) -> None:
        super().__init__(code, **facts)


class Forbidden(SocialError):
    """The thing is visible, but this person may not do this with it."""

    status = 403

    def __init__(self, code: str = "forbidden", **facts: Any) -> None:
        super().__init__(code, **facts)


class JoinFirst(Forbidden):
    """What lies inside a group whose front this person may see; `group_id` says which."""

    def __init__(self, group_id: int) -> None:
        super().__init__("join_to_read", group_id=group_id)


class Conflict(SocialError):
    """It contradicts what is already there (a second referrer, an edit of something newer)."""

    status = 409


class TooMany(SocialError):
    """A rate limit or a cap."""

    status = 429


def wants_json() -> bool:
    """Whether the caller is a program: the API, or a fetch that accepts JSON first."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def problem(status: int, code: str, detail: str | None = None, **more: Any) -> Response:
    """A problem+json response."""
    body = {"type": f"urn:socialcrm:{code}", "title": code, "status": status, "detail": detail or code}
    body.update(more)
    if "request_id" in g:
        body["request_id"] = g.request_id
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    if status == 401 and request.path.startswith("/api/"):
        response.headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in more:
        response.headers["Retry-After"] = str(more["retry_after"])
    return response


def init_errors(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(SocialError, answer_error)
    app.register_error_handler(HTTPException, _http_error)


def answer_error(error: SocialError) -> ResponseReturnValue:
    """The page or the problem document of a named error."""
    if wants_json():
        return problem(error.status, error.code, field=error.field, **error.facts)
    page = render_template("errors/error.html", status=error.status, code=error.code, facts=error.facts)
    return page, error.status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    code = (error.name or "error").lower().replace(" ", "_").replace("'", "")
    if "json" in getattr(error, "data", {}).get("messages", {}):
        # webargs' own refusal of a body that is no JSON.
        code = "not_json"
    if wants_json():
        return problem(status, code, error.description)
    return render_template("errors/error.html", status=status, code=code, facts={}), status
