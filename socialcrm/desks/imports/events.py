"""What happens to imports."""

from __future__ import annotations

from dataclasses import dataclass

from ...events import Event


@dataclass(frozen=True)
class ImportPieceDue(Event):
    """The rows after a line are next."""

    upload_id: int
    after_line: int
