"""How far an import has come, so that it resumes; what the rows made lies in the areas."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Model


class ImportRun(Model):
    """One file with one set of options, by their hash."""

    __tablename__ = "import_runs"
    __table_args__ = (UniqueConstraint("kind", "fingerprint"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: customers, orders, posts or referrals.
    kind: Mapped[str] = mapped_column(String(12))
    #: SHA-256 of the file's bytes and the options.
    fingerprint: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    #: The last line whose row is committed; the next run begins after it.
    line: Mapped[int] = mapped_column(default=0)
    made: Mapped[int] = mapped_column(default=0)
    present: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ImportRefusal(Model):
    """A line that was refused and why; the report of a run is read from here."""

    __tablename__ = "import_refusals"
    __table_args__ = (Index("ix_import_refusals_run", "run_id", "line"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id", ondelete="CASCADE"))
    line: Mapped[int]
    field: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(200))


class ImportUpload(Model):
    """A file an administrator brought in on screen; carried out piece by piece by the worker."""

    __tablename__ = "import_uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    file_name: Mapped[str] = mapped_column(String(200))
    #: Where the file lies in the store; workbooks are kept as JSONL, line for line.
    file_key: Mapped[str] = mapped_column(String(64))
    #: draft (columns are being chosen), running, done or failed.
    state: Mapped[str] = mapped_column(String(10), default="draft")
    rows: Mapped[int]
    #: field → column, as chosen.
    columns: Mapped[dict[str, Any]]
    #: What the form said for what the file lacks.
    options: Mapped[dict[str, Any]]
    #: Why it failed as a whole.
    error: Mapped[str] = mapped_column(String(300), default="")
    run_id: Mapped[int | None] = mapped_column(ForeignKey("import_runs.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
