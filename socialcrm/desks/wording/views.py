"""The brand's words and aspects, with a look ahead before saving; and the word lists that ship, as data with sources."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.models import STAFF_ROLES
from ...accounts.session import require_role
from ...database import transaction
from ...errors import NotFound, SocialError
from ...sentiment.learning.actions import (
    checked_aspect,
    checked_word,
    remove_aspect,
    remove_word,
    save_aspect,
    save_word,
)
from ...sentiment.learning.queries import aspect_rows, word_rows
from ...sentiment.learning.wording import SHIPPED, AspectWords, OwnWord, shipped_list
from ...web import whole_number
from ..learning.comparing import SoFar
from ..learning.forms import LIST_WORDS, MEANING_WORDS, STRENGTH_WORDS, AspectForm, WordForm, show_error
from .proposing import difference, with_aspect, with_word

bp = APIBlueprint("wording", __name__, url_prefix="/desk/words", enable_openapi=False)

LIST_ROWS = 100


@bp.get("")
def words() -> str:
    """The brand's words, and a form for one more."""
    acting = require_role(*STAFF_ROLES)
    form = WordForm(request.args if "word" in request.args else None)
    return _words(form, acting.role == "admin")


def _words(form: WordForm, may_change: bool) -> str:
    return render_template(
        "learning/words.html",
        rows=word_rows(),
        form=form,
        may_change=may_change,
        meanings=MEANING_WORDS,
        strengths=STRENGTH_WORDS,
    )


def _word_of(values: Any) -> OwnWord:
    strength = values.get("strength", "2")
    return checked_word(
        values.get("word", ""),
        values.get("meaning", ""),
        int(strength) if strength in {"1", "2", "3"} else 2,
    )


@bp.get("/ahead")
def word_ahead() -> ResponseReturnValue:
    """Which texts of the last days the word would change, before it is saved; bit by bit."""
    acting = require_role("admin")
    form = WordForm(request.args)
    try:
        proposal = with_word(_word_of(request.args))
    except SocialError as error:
        show_error(form, error, "word")
        return _words(form, True), 422
    return _ahead(form, "word", difference(acting, proposal, SoFar.asked(request.args)))


@bp.post("")
def add_word() -> ResponseReturnValue:
    """Keep a word; it counts for every text from now on."""
    acting = require_role("admin")
    form = WordForm()
    try:
        with transaction():
            save_word(acting, _word_of(request.form), request.form.get("reason", ""))
    except SocialError as error:
        show_error(form, error, "word")
        return _words(form, True), 422
    flash(_("保存好了。新的文字从现在起这样读；旧的可以重新读一遍。"))
    return redirect(url_for("wording.words"))


@bp.post("/<int:word_id>/remove")
def drop_word(word_id: int) -> ResponseReturnValue:
    """Take a word out."""
    acting = require_role("admin")
    with transaction():
        remove_word(acting, word_id)
    flash(_("移除了。新的文字从现在起不再看这个词。"))
    return redirect(url_for("wording.words"))


@bp.get("/aspects")
def aspects() -> str:
    """The brand's own aspects, and a form for one more or a change of one."""
    acting = require_role(*STAFF_ROLES)
    form = AspectForm(request.args if "name" in request.args else None)
    return _aspects(form, acting.role == "admin")


def _aspects(form: AspectForm, may_change: bool) -> str:
    return render_template("learning/aspects.html", rows=aspect_rows(), form=form, may_change=may_change)


def _aspect_of(values: Any) -> AspectWords:
    return checked_aspect(
        values.get("name", ""), values.get("words", "").split(), values.get("examples", "").splitlines()
    )


@bp.get("/aspects/ahead")
def aspect_ahead() -> ResponseReturnValue:
    """Which texts of the last days the aspect would be found in, before it is saved; bit by bit."""
    acting = require_role("admin")
    form = AspectForm(request.args)
    try:
        proposal = with_aspect(_aspect_of(request.args))
    except SocialError as error:
        show_error(form, error, "name")
        return _aspects(form, True), 422
    return _ahead(form, "aspect", difference(acting, proposal, SoFar.asked(request.args)))


@bp.post("/aspects")
def add_aspect() -> ResponseReturnValue:
    """Keep an aspect; it counts for every text from now on."""
    acting = require_role("admin")
    form = AspectForm()
    try:
        with transaction():
            save_aspect(acting, _aspect_of(request.form))
    except SocialError as error:
        show_error(form, error, "name")
        return _aspects(form, True), 422
    flash(_("保存好了。新的文字从现在起这样读；旧的可以重新读一遍。"))
    return redirect(url_for("wording.aspects"))


@bp.post("/aspects/<int:aspect_id>/remove")
def drop_aspect(aspect_id: int) -> ResponseReturnValue:
    """Take an aspect out."""
    acting = require_role("admin")
    with transaction():
        remove_aspect(acting, aspect_id)
    flash(_("移除了。新的文字从现在起不再找这个方面。"))
    return redirect(url_for("wording.aspects"))


@bp.get("/lists")
def lists() -> str:
    """A word list that ships with the program, as it is, with its source; looked through by a word."""
    require_role(*STAFF_ROLES)
    name = request.args.get("file", SHIPPED[0])
    if name not in SHIPPED:
        raise NotFound
    shown = shipped_list(name)
    sought = request.args.get("q", "").strip()
    first = request.args.get("from", 0, type=whole_number)
    rows = [row for row in shown.rows if sought in " ".join(row)]
    return render_template(
        "learning/lists.html",
        files=SHIPPED,
        about=LIST_WORDS,
        shown=shown,
        rows=rows[first : first + LIST_ROWS],
        sought=sought,
        more=first + LIST_ROWS if len(rows) > first + LIST_ROWS else None,
    )


def _ahead(form: WordForm | AspectForm, kind: str, facts: dict[str, Any]) -> str:
    given: dict[str, Any] = {name: value for name, value in request.args.items() if name in form._fields}
    next_url = url_for(f"wording.{kind}_ahead", **given, **facts["goes_to"])
    if "HX-Request" in request.headers:
        return render_template("learning/_changes.html", next_url=next_url, **facts)
    return render_template(
        "learning/ahead.html",
        given=given,
        heard=given.get("word") or given.get("name"),
        save_url=url_for(f"wording.add_{kind}"),
        edit_url=url_for(f"wording.{kind}s", **given),
        next_url=next_url,
        **facts,
    )
