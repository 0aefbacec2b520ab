"""Pages that show what the engine understood. For staff only; the playground keeps nothing of what is typed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.models import STAFF_ROLES, Account
from ...accounts.session import require_role
from ...config import Config
from ...database import transaction, utcnow
from ...errors import Invalid, NotFound
from ...sentiment.actions import correct_opinion, withdraw_correction
from ...sentiment.brand import Brand
from ...sentiment.engine import Channel, analyse_batch
from ...sentiment.explanation import explain
from ...sentiment.figures import model_bytes, model_figures
from ...sentiment.learning.queries import active_version, brand_in_force
from ...sentiment.models import OpinionRow
from ...service.story import note_look
from ...web import limiter, whole_number
from . import batches
from .access import SaidText, correction_for_withdrawal, text_for
from .actions import ask_speed, is_measuring, kept_speed
from .correcting import AspectChoice, Change, changes_of
from .examples import EXAMPLES
from .forms import BatchForm, CorrectionForm, TryForm
from .queries import agreement_since, corrections_by_ids, corrections_told
from .sentences import FAILURES, quick_error, show_error
from .showing import bin_points, bin_rows, channel_taken, lines_of, marked_words, shown_aspects

bp = APIBlueprint("understanding", __name__, url_prefix="/desk", enable_openapi=False)

#: Lines read live in the playground; more go through the batch form.
LIVE_LINES = 50
#: Texts of a batch that are read in one go.
PIECE = 64
#: Corrections taken back by one press: as many as one form can make.
MOST_AT_ONCE = 40
#: The times of the agreement between staff and engine.
MONTH, QUARTER = timedelta(days=30), timedelta(days=90)


def _acting() -> Account:
    return require_role(*STAFF_ROLES)


@bp.get("/why/<any(post, message):subject>/<int:subject_id>")
def why(subject: str, subject_id: int) -> ResponseReturnValue:
    """Why a customer's text was read as it was; in the drawer of the page one comes from, or on a page of its own."""
    acting = _acting()
    said = text_for(acting, subject, subject_id)
    page = _why_page(acting, said, correcting="correct" in request.args)
    if subject == "message":
        with transaction():
            note_look(said.author_id, acting, "conversation")
    return page


def _why_page(
    acting: Account, said: SaidText, form: CorrectionForm | None = None, *, correcting: bool = False
) -> str:
    reasons = _reasons(said.text, said.channel)
    if form is None:
        found = reasons["why"].opinion.aspects
        form = CorrectionForm(formdata=None, prefix="fix", aspects=[{"name": name} for name in [*found, ""]])
    return render_template(
        "understanding/_why.html" if "HX-Request" in request.headers else "understanding/why.html",
        said=said,
        told=corrections_told(said.opinion.id) if said.opinion else [],
        form=form,
        correcting=correcting or bool(form.errors),
        aspect_names=shown_aspects(reasons["lexicon"]),
        **reasons,
    )


@bp.get("/why/<any(post, message):subject>/<int:subject_id>/strip")
def strip(subject: str, subject_id: int) -> str:
    """What staff said of a text, and the quick corrections, for the pages that show the text."""
    acting = _acting()
    said = text_for(acting, subject, subject_id)
    told = corrections_told(said.opinion.id) if said.opinion else []
    return render_template("understanding/_strip.html", said=said, told=told)


@bp.post("/why/<any(post, message):subject>/<int:subject_id>/corrections")
@limiter.limit("60 per minute")
def correct(subject: str, subject_id: int) -> ResponseReturnValue:
    """Keep what should have been read. What was typed is kept when something is missing."""
    acting = _acting()
    said = text_for(acting, subject, subject_id)
    form = CorrectionForm(prefix="fix")
    ids: list[int] = []
    try:
        if said.opinion is None:
            raise Invalid("opinion_missing", field="polarity")
        if form.validate():
            changes = _changes(said, form)
            with transaction():
                ids = _keep(said.opinion, acting, changes, form.reason.data or "")
    except Invalid as error:
        show_error(form, error)
    if form.errors:
        return _refused(acting, said, form)
    told = _("记下了，共 %(n)s 处。引擎会从中学习。", n=len(ids))
    return _after(acting, said, told, undo=url_for(".withdraw", ids=",".join(map(str, ids))))


def _keep(opinion: OpinionRow, acting: Account, changes: list[Change], reason: str) -> list[int]:
    kept = [correct_opinion(opinion, acting, reason=reason, **asdict(change)) for change in changes]
    return [correction.id for correction in kept]


def _changes(said: SaidText, form: CorrectionForm) -> list[Change]:
    rows = [
        AspectChoice(
            row.data["name"] or "",
            row.data["value"],
            row.data["quote"] or "",
            _place(row.data["start"]),
        )
        for row in form.aspects
    ]
    return changes_of(
        said.text,
        form.polarity.data or "",
        form.complaint.data or "",
        rows,
        form.quote.data or "",
        _place(form.start.data),
    )


def _place(start: str | None) -> int | None:
    return int(start) if start and start.isdecimal() and len(start) < 7 else None


def _refused(acting: Account, said: SaidText, form: CorrectionForm) -> ResponseReturnValue:
    answer = make_response(_why_page(acting, said, form), 422)
    if "quick" in request.form:
        answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": quick_error(form), "kind": "bad"}})
    return answer


@bp.post("/corrections/withdraw")
@limiter.limit("60 per minute")
def withdraw() -> ResponseReturnValue:
    """Take corrections back (`ids`, separated by commas): one's own, a colleague's by who leads or manages."""
    acting = _acting()
    ids = [int(one) for one in request.args.get("ids", "").split(",") if one.isdecimal() and len(one) < 18]
    corrections = corrections_by_ids(ids[:MOST_AT_ONCE])
    if not corrections:
        raise NotFound
    texts = [correction_for_withdrawal(acting, correction) for correction in corrections]
    with transaction():
        for correction in corrections:
            withdraw_correction(correction, acting)
    return _after(acting, texts[0], _("撤回了。"))


def _after(acting: Account, said: SaidText, told: str, undo: str = "") -> ResponseReturnValue:
    """The view anew, a message with its undo, and a hint to what else shows this text."""
    if "HX-Request" not in request.headers:
        flash(told)
        return redirect(url_for(".why", subject=said.subject, subject_id=said.subject_id), 303)
    answer = make_response(_why_page(acting, said))
    hint = {"toast": {"text": told, "undo": undo}, "corrected": {}}
    answer.headers["HX-Trigger"] = json.dumps(hint)
    return answer


def _reasons(text: str, channel: Channel | None) -> dict[str, Any]:
    brand = brand_in_force()
    reasons = explain(text, channel, brand)
    return {
        "why": reasons,
        "lines": lines_of(text, reasons),
        "parts": marked_words(text, reasons.opinion),
        "lexicon": brand.lexicon if brand else None,
    }


@bp.get("/playground")
def playground() -> str:
    """Type anything and see how it is read."""
    _acting()
    number = request.args.get("example", default=0, type=whole_number)
    text = EXAMPLES[number] if 0 <= number < len(EXAMPLES) else EXAMPLES[0]
    form = TryForm(formdata=None, text=text)
    return render_template(
        "understanding/playground.html",
        form=form,
        batch=BatchForm(formdata=None),
        examples=EXAMPLES,
        chosen=number,
        **_answer(form),
    )


@bp.post("/playground")
@limiter.limit("120 per minute")
def try_text() -> ResponseReturnValue:
    """The answer for what is typed now: as a piece of the page while typing, as the whole page without scripts."""
    _acting()
    form = TryForm()
    good = form.validate()
    answer = _answer(form) if good else {"rows": None, "why": None}
    status = 200 if good else 422
    if "HX-Request" in request.headers:
        return render_template("understanding/_answer.html", form=form, **answer), status
    batch = BatchForm(formdata=None)
    page = render_template(
        "understanding/playground.html", form=form, batch=batch, examples=EXAMPLES, chosen=None, **answer
    )
    return page, status


def _answer(form: TryForm) -> dict[str, object]:
    text = (form.text.data or "").replace("\r\n", "\n")
    channel = form.chosen()
    if form.lines.data == "each" and "\n" in text.strip():
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        opinions = analyse_batch(lines[:LIVE_LINES], channel, brand_in_force())
        rows = list(zip(lines, opinions, strict=False))
        return {"rows": rows, "left_out": len(lines) - len(rows), "why": None, "curl": _curl(lines, channel)}
    if not text.strip():
        return {"rows": None, "why": None}
    found = _reasons(text, channel)
    taken = channel or channel_taken(found["why"])
    return {"rows": None, "text": text, "taken_channel": taken, "curl": _curl(text, channel), **found}


def _curl(asked: str | list[str], channel: Channel | None) -> str:
    """The same question to the API, as a shell line."""
    config: Config = current_app.extensions["config"]
    path, name = ("analyse", "text") if isinstance(asked, str) else ("analyse-batch", "texts")
    body = json.dumps({name: asked, "channel": channel}, ensure_ascii=False).replace("'", "'\\''")
    return (
        f"curl -X POST {config.base_url}/api/v1/sentiment/{path} \\\n"
        f"  -H 'Authorization: Bearer $KEY' -H 'Content-Type: application/json' \\\n  -d '{body}'"
    ).replace("'Authorization: Bearer $KEY'", '"Authorization: Bearer $KEY"')


@bp.post("/playground/batch")
@limiter.limit("10 per minute")
def read_batch() -> ResponseReturnValue:
    """Up to a few thousand texts, answered as a file; nothing is stored."""
    _acting()
    form = BatchForm()
    form.validate()
    try:
        if form.channel.errors or form.form.errors:
            raise Invalid("choice_unknown", field="channel")
        file = form.file.data
        content = batches.decoded(file.read()) if file else form.texts.data or ""
        texts = batches.texts_of(content)
    except Invalid as error:
        show_error(form, error)
        tried = TryForm(formdata=None, text=EXAMPLES[0])
        page = render_template(
            "understanding/playground.html",
            form=tried,
            batch=form,
            examples=EXAMPLES,
            chosen=0,
            **_answer(tried),
        )
        return page, 422
    return _file(texts, form)


def _file(texts: list[str], form: BatchForm) -> ResponseReturnValue:
    is_tsv = form.form.data == "tsv"
    kind = "text/tab-separated-values" if is_tsv else "application/x-ndjson"
    headers = {
        "Content-Type": f"{kind}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="opinions.{form.form.data}"',
    }
    return Response(_written(texts, form.chosen(), brand_in_force(), is_tsv), headers=headers)


def _written(texts: list[str], channel: Channel | None, brand: Brand | None, is_tsv: bool) -> Iterator[str]:
    """The file piece by piece: other requests have their turn between two pieces."""
    if is_tsv:
        yield batches.tsv_head()
    write = batches.as_tsv if is_tsv else batches.as_jsonl
    for start in range(0, len(texts), PIECE):
        piece = texts[start : start + PIECE]
        yield write(piece, analyse_batch(piece, channel, brand))
        time.sleep(0)


@bp.get("/model")
def model() -> str:
    """How well the engine reads: its own figures, this brand's staff beside it, its speed here."""
    _acting()
    figures = model_figures()
    domain = request.args.get("domain", "")
    shown = figures["held_out"].get(domain, figures["all"])
    now = utcnow()
    return render_template(
        "understanding/model.html",
        figures=figures,
        domain=domain if domain in figures["held_out"] else "",
        points=bin_points(shown["bins"]),
        bins=bin_rows(shown["bins"]),
        megabytes=model_bytes() / 1e6,
        layer=active_version(),
        short=agreement_since(now - MONTH),
        long=agreement_since(now - QUARTER),
        failures=FAILURES,
        **_speed(),
    )


def _speed() -> dict[str, object]:
    return {"speed": kept_speed(), "measuring": is_measuring()}


@bp.get("/model/speed")
def speed() -> str:
    """The speed's place on the model page, asked for again while it is being measured."""
    _acting()
    return render_template("understanding/_speed.html", **_speed())


@bp.post("/model/speed")
@limiter.limit("6 per minute")
def measure() -> ResponseReturnValue:
    """Have the worker measure the speed on this machine."""
    acting = _acting()
    with transaction():
        ask_speed(acting)
    if "HX-Request" in request.headers:
        return render_template("understanding/_speed.html", **_speed())
    return redirect(url_for(".model"), 303)
