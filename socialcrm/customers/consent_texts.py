"""The words a customer agrees to: shipped versions in data/consent_texts.tsv, newer ones in `consent_texts`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from sqlalchemy import func, select

from ..database import db, utcnow
from ..errors import Invalid
from .models import PURPOSES, ConsentText


@dataclass(frozen=True)
class Wording:
    """One purpose in one language: its version, title and text."""

    purpose: str
    version: int
    language: str
    title: str
    text: str


@lru_cache(maxsize=1)
def shipped_wordings() -> tuple[Wording, ...]:
    """What this version of the program brings, in the order of PURPOSES."""
    path = resources.files(__package__) / "data" / "consent_texts.tsv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    found = [Wording(r["purpose"], int(r["version"]), r["language"], r["title"], r["text"]) for r in rows]
    return tuple(sorted(found, key=lambda wording: PURPOSES.index(wording.purpose)))


def wordings_in_force(language: str) -> dict[str, Wording]:
    """Purpose → the newest wording in the language (zh where the language has none), in the order of PURPOSES."""
    shipped = {w.purpose: w for w in shipped_wordings() if w.language == "zh"}
    shipped |= {w.purpose: w for w in shipped_wordings() if w.language == language}
    newest = (
        select(func.max(ConsentText.id)).where(ConsentText.language == language).group_by(ConsentText.purpose)
    )
    for row in db.session.scalars(select(ConsentText).where(ConsentText.id.in_(newest))):
        title = shipped[row.purpose].title
        shipped[row.purpose] = Wording(row.purpose, row.version, row.language, title, row.text)
    return shipped


def publish_wording(purpose: str, texts: dict[str, str]) -> int:
    """Publish a new version of a purpose's text, language → text; consents given keep the version they had.

    Returns the version. Raises Invalid `unknown_purpose`, `text_missing`.
    """
    if purpose not in PURPOSES:
        raise Invalid("unknown_purpose", field="purpose")
    if not texts or not all(text.strip() for text in texts.values()):
        raise Invalid("text_missing", field="text")
    stored = db.session.scalar(select(func.max(ConsentText.version)).where(ConsentText.purpose == purpose))
    shipped = max(w.version for w in shipped_wordings() if w.purpose == purpose)
    version = max(stored or 0, shipped) + 1
    for language, text in texts.items():
        db.session.add(
            ConsentText(
                purpose=purpose,
                version=version,
                language=language,
                text=text.strip(),
                published_at=utcnow(),
            )
        )
    db.session.flush()
    return version
