"""The sentiment engine through the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint

from ..api import PREFIX
from ..api.access import needs
from ..api.fields import Answer, Body, Choice, Facts, Items, Share, Text, Whole
from .engine import CHANNELS, EMOTIONS, analyse

bp = APIBlueprint("sentiment_api", __name__, url_prefix=PREFIX, tag="Sentiment")


class TextIn(Body):
    text = Text(20_000, required=True)
    channel = Choice(*CHANNELS, load_default="post", metadata={"description": "what kind of text it is"})


class OpinionOut(Answer):
    polarity = Choice("negative", "neutral", "positive", "unsure", required=True)
    probability = Share(required=True, metadata={"description": "of the text being positive, 0 … 1"})
    aspects = Facts(
        required=True, metadata={"description": "aspect → {polarity, probability, spans: [[start, end]]}"}
    )
    emotion = Choice(*EMOTIONS, required=True)
    urgency = Whole(required=True, metadata={"description": "0 … 2"})
    complaint = Share(required=True, metadata={"description": "likelihood of a complaint, 0 … 1"})
    words = Items(
        Items(Share()),
        required=True,
        metadata={
            "description": "[start, end, weight]: the words that show it; above zero speaks for positive"
        },
    )
    model_version = Text(required=True)


@bp.post("/sentiment/analyse")
@needs("sentiment:read")
@bp.input(TextIn)
@bp.output(OpinionOut)
def analyse_text(json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Read a Chinese text

    Nothing is kept. Offsets count characters of the text as it was sent.
    """
    return analyse(json_data["text"], channel=json_data["channel"]).to_json()
