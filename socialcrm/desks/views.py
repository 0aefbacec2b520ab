"""The front page."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template

bp = APIBlueprint("desks", __name__, enable_openapi=False)


@bp.get("/")
def home() -> str:
    """The landing page of a guest, the home of a member."""
    return render_template("desks/home.html")
