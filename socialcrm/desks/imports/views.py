"""The administrator's import screen: upload, choose columns, watch, read the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apiflask import APIBlueprint
from flask import Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from ...accounts.audit import audit
from ...accounts.session import require_role
from ...community.queries import group_choices
from ...database import db, transaction
from ...errors import NotFound, SocialError
from ...spreadsheets import harmless
from ...web import whole_number
from .fields import FIELDS, REQUIRED
from .forms import UploadForm
from .models import ImportRefusal, ImportRun, ImportUpload
from .queries import PAGE, refusals_of, runs_page
from .sentences import FIELD_WORDS, SENTENCES, why_refused
from .uploads import add_upload, prepare_upload, preview, start_import

bp = APIBlueprint("imports", __name__, url_prefix="/admin/imports", enable_openapi=False)

OPTIONS = ("source", "topic_title", "author", "at", "currency")


@bp.get("")
def overview() -> str:
    """A form for a file, and every run, those of the command line too."""
    require_role("admin")
    return _overview(UploadForm())


def _overview(form: UploadForm) -> str:
    runs = runs_page(request.args.get("before", type=whole_number))
    more = runs[-1][0].id if len(runs) == PAGE else None
    kinds = {choice[0]: choice[1] for choice in form.kind.iter_choices()}
    return render_template("api/imports.html", form=form, runs=runs, more=more, kinds=kinds)


@bp.post("")
def upload() -> ResponseReturnValue:
    """Keep a file and go on to its columns."""
    acting = require_role("admin")
    form = UploadForm()
    if form.validate_on_submit():
        try:
            content, name, rows = prepare_upload(form.file.data.read(), form.file.data.filename or "")
            with transaction():
                kept = add_upload(form.kind.data, content, name, rows, made_by_id=acting.id)
                audit(acting, "import_uploaded", "import", kept.id, kind=kept.kind, file=name, rows=rows)
            return redirect(url_for("imports.one", upload_id=kept.id))
        except SocialError as error:
            form.file.errors = [str(SENTENCES[error.code])]
    return _overview(form), 422


@bp.get("/<int:upload_id>")
def one(upload_id: int) -> str:
    """Columns to choose while it is a draft; then how far it has come. A fragment for the progress bar."""
    require_role("admin")
    kept = _upload(upload_id)
    if kept.state == "draft":
        return _preview(kept, None)
    run = db.session.get(ImportRun, kept.run_id)
    template = "api/_import_progress.html" if request.headers.get("HX-Request") else "api/import.html"
    return render_template(
        template, upload=kept, run=run, refusals=refusals_of(run), words=FIELD_WORDS, why=why_refused
    )


def _preview(kept: ImportUpload, error: SocialError | None) -> str:
    seen = preview(kept)
    columns: dict[str, str] = seen.suggested
    sentence = ""
    if error is not None:
        columns = {field: request.form.get(f"column-{field}", "") for field in FIELDS[kept.kind]}
        sentence = str(SENTENCES[error.code]) % {"field": FIELD_WORDS.get(error.field or "", "")}
    return render_template(
        "api/import_columns.html",
        upload=kept,
        names=seen.names,
        rows=seen.rows,
        columns=columns,
        fields=FIELDS[kept.kind],
        required=REQUIRED[kept.kind],
        words=FIELD_WORDS,
        groups=group_choices(),
        error=sentence,
        given=request.form,
    )


@bp.post("/<int:upload_id>/start")
def start(upload_id: int) -> ResponseReturnValue:
    """Begin with the chosen columns; the page may be left."""
    acting = require_role("admin")
    kept = _upload(upload_id)
    columns = {
        field: request.form[f"column-{field}"]
        for field in FIELDS[kept.kind]
        if request.form.get(f"column-{field}")
    }
    options: dict[str, Any] = {name: request.form.get(name, "").strip()[:200] for name in OPTIONS}
    options["group_id"] = request.form.get("group_id", type=whole_number)
    try:
        with transaction():
            kept = _upload(upload_id)
            start_import(kept, columns, options)
            audit(acting, "import_started", "import", kept.id, kind=kept.kind, file=kept.file_name)
    except SocialError as error:
        if error.code == "import_started":
            return redirect(url_for("imports.one", upload_id=upload_id))
        return _preview(_upload(upload_id), error), 422
    return redirect(url_for("imports.one", upload_id=upload_id))


@bp.get("/runs/<int:run_id>/report.tsv")
def report(run_id: int) -> Response:
    """Every refused line: line, field, code, what stood there."""
    require_role("admin")
    if db.session.get(ImportRun, run_id) is None:
        raise NotFound
    answer = Response(stream_with_context(_report_lines(run_id)), mimetype="text/tab-separated-values")
    answer.headers["Content-Disposition"] = f'attachment; filename="import-{run_id}.tsv"'
    return answer


def _report_lines(run_id: int) -> Iterator[str]:
    yield "line\tfield\tcode\tvalue\n"
    query = select(ImportRefusal).where(ImportRefusal.run_id == run_id).order_by(ImportRefusal.line)
    for refusal in db.session.scalars(query.execution_options(yield_per=500)):
        value = harmless(" ".join(refusal.value.split()))
        yield f"{refusal.line}\t{refusal.field}\t{refusal.code}\t{value}\n"


def _upload(upload_id: int) -> ImportUpload:
    found = db.session.get(ImportUpload, upload_id)
    if found is None:
        raise NotFound
    return found
