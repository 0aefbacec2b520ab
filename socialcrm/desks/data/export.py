"""A copy of everything kept about a customer: a ZIP of one JSON file per table, and the pictures."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from ...storage import fetch
from ..customer_life import export_of


def export_archive(customer_id: int) -> bytes:
    """The archive's bytes; tables without a row of this customer are left out."""
    out = io.BytesIO()
    keys: set[str] = set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, rows in export_of(customer_id):
            if rows:
                archive.writestr(f"{table}.json", json.dumps(rows, ensure_ascii=False, indent=1))
                keys.update(key for row in rows for key in _picture_keys(row))
        for key in sorted(keys):
            content = fetch(key)
            if content is not None:
                archive.writestr(f"pictures/{key}{_ending(content)}", content)
    return out.getvalue()


def _picture_keys(row: dict[str, Any]) -> list[str]:
    images = row.get("images") or []
    named = [image.get("key") if isinstance(image, dict) else image for image in images]
    return [key for key in [row.get("avatar"), *named] if isinstance(key, str) and len(key) == 64]


def _ending(content: bytes) -> str:
    return ".webp" if content[8:12] == b"WEBP" else ".jpg"
