"""The OpenAPI document, and a page of it that people read."""

from __future__ import annotations

import warnings
from typing import Any, cast

from apiflask import APIBlueprint, APIFlask
from flask import current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from . import PREFIX
from .document import coded, sections
from .scopes import SCOPES

bp = APIBlueprint("api", __name__, url_prefix=PREFIX, enable_openapi=False)

DOCUMENT = "openapi.document"

bp.add_app_template_filter(coded)


@bp.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The OpenAPI 3.1 document."""
    return jsonify(_document())


@bp.get("/")
def page() -> str:
    """The document as a page: what there is, what it takes, what it answers."""
    document = _document()
    return render_template("api/reference.html", sections=sections(document), scopes=SCOPES)


def _document() -> dict[str, Any]:
    """Made at the first look, the same until the program ends."""
    made: dict[str, Any] | None = current_app.extensions.get(DOCUMENT)
    if made is None:
        with warnings.catch_warnings():
            # A schema that is both nested and an answer of its own is met twice; it is the same component.
            warnings.filterwarnings(
                "ignore", message=".*has already been added to the spec", category=UserWarning
            )
            made = current_app.extensions[DOCUMENT] = cast("dict[str, Any]", cast(APIFlask, current_app).spec)
    return made
