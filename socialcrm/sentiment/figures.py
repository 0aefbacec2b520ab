"""The committed model's figures for screens: what `model.json` tells, and how large the model is."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import as_file, files
from typing import Any


@cache
def model_figures() -> dict[str, Any]:
    """The card as `card.card_json` writes it: version, texts, held_out and all (with bins), challenge, unseen, sources …"""
    found: dict[str, Any] = json.loads((files(__package__) / "data" / "model.json").read_text("utf-8"))
    return found


@cache
def model_bytes() -> int:
    """Size of the model file."""
    with as_file(files(__package__) / "data" / "model.npz") as path:
        return path.stat().st_size
