"""The sentiment engine through the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint

from ..accounts.models import Account
from ..api import PREFIX
from ..api.access import current_caller, needs
from ..api.fields import Answer, Body, Choice, Facts, Items, Moment, Part, Share, Text, Whole
from ..database import db, transaction
from ..errors import Invalid, NotFound
from .actions import CORRECTABLE, correct_opinion, withdraw_correction
from .engine import CHANNELS, EMOTIONS, analyse, analyse_batch
from .learning.queries import brand_in_force
from .models import SUBJECTS, Correction, OpinionRow
from .queries import corrections_of, opinion_of

bp = APIBlueprint("sentiment_api", __name__, url_prefix=PREFIX, tag="Sentiment")

MOST_TEXTS = 1000
CHANNEL = {"metadata": {"description": "what kind of text it is; null lets the engine guess"}}
VALUES = tuple(dict.fromkeys(value for values in CORRECTABLE.values() for value in values))


class TextIn(Body):
    text = Text(20_000, required=True)
    channel = Choice(*CHANNELS, load_default="post", allow_none=True, **CHANNEL)


class TextsIn(Body):
    texts = Items(Text(20_000), most=MOST_TEXTS, required=True)
    channel = Choice(*CHANNELS, load_default="post", allow_none=True, **CHANNEL)


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
    return analyse(json_data["text"], json_data["channel"], brand_in_force()).to_json()


class OpinionsOut(Answer):
    items = Items(Part(OpinionOut), required=True, metadata={"description": "in the order of the texts"})


@bp.post("/sentiment/analyse-batch")
@needs("sentiment:read")
@bp.input(TextsIn)
@bp.output(OpinionsOut)
def analyse_texts(json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Read up to 1,000 Chinese texts

    Each answer is the one that the text alone would get. Nothing is kept.
    """
    opinions = analyse_batch(json_data["texts"], json_data["channel"], brand_in_force())
    return {"items": [opinion.to_json() for opinion in opinions]}


class CorrectionOut(Answer):
    id = Whole(required=True)
    what = Choice(*CORRECTABLE, required=True)
    aspect = Text(required=True, allow_none=True)
    value = Choice(*VALUES, required=True)
    span = Items(
        Whole(), required=True, allow_none=True, metadata={"description": "[start, end) in the text"}
    )
    reason = Text(500, required=True)
    at = Moment(required=True)


class SubjectQuery(Body):
    subject = Choice(*SUBJECTS, required=True)
    subject_id = Whole(1, strict=False, required=True)


class KeptOpinionOut(OpinionOut):
    subject = Choice(*SUBJECTS, required=True)
    subject_id = Whole(required=True)
    channel = Choice(*CHANNELS, required=True)
    said_at = Moment(required=True)
    scored_at = Moment(required=True)
    corrections = Items(
        Part(CorrectionOut), required=True, metadata={"description": "in force, the oldest first"}
    )


@bp.get("/sentiment/opinion")
@needs("sentiment:read")
@bp.input(SubjectQuery, location="query")
@bp.output(KeptOpinionOut)
def kept_opinion(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """Show what was read in a post or message, and what staff corrected"""
    row = _opinion(query_data["subject"], query_data["subject_id"])
    corrections = [_told(each) for each in corrections_of(row.id)]
    return row.answer | {
        "subject": row.subject,
        "subject_id": row.subject_id,
        "channel": row.channel,
        "said_at": row.at,
        "scored_at": row.scored_at,
        "corrections": corrections,
    }


class CorrectionIn(Body):
    subject = Choice(*SUBJECTS, required=True)
    subject_id = Whole(1, required=True)
    what = Choice(*CORRECTABLE, required=True)
    value = Choice(
        *VALUES,
        required=True,
        metadata={
            "description": "polarity: negative … positive; aspect: these or absent; complaint: yes or no"
        },
    )
    aspect = Text(20, load_default=None, allow_none=True)
    span = Items(
        Whole(0, 10_000_000),
        most=2,
        load_default=None,
        allow_none=True,
        metadata={"description": "[start, end) in the text"},
    )
    reason = Text(500, load_default="")


@bp.post("/sentiment/corrections")
@needs("sentiment:write")
@bp.input(CorrectionIn)
@bp.output(CorrectionOut)
def correct(json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Say what should have been read in a post or message

    It is kept in the name of the administrator who made the key, and the brand's layer learns from it.
    """
    span = json_data["span"]
    if span is not None and len(span) != 2:
        raise Invalid("span_invalid", field="span")
    with transaction():
        correction = correct_opinion(
            _opinion(json_data["subject"], json_data["subject_id"]),
            _acting(),
            what=json_data["what"],
            value=json_data["value"],
            aspect=json_data["aspect"],
            reason=json_data["reason"],
            span=(span[0], span[1]) if span else None,
        )
    return _told(correction)


@bp.post("/sentiment/corrections/<int:correction_id>/withdraw")
@needs("sentiment:write")
@bp.output(CorrectionOut)
def withdraw(correction_id: int) -> dict[str, Any]:
    """Take a correction back; done twice it stays as it is"""
    with transaction():
        correction = db.session.get(Correction, correction_id)
        if correction is None:
            raise NotFound("correction_unknown")
        withdraw_correction(correction, _acting())
    return _told(correction)


def _opinion(subject: str, subject_id: int) -> OpinionRow:
    row = opinion_of(subject, subject_id)
    if row is None:
        raise NotFound("opinion_unknown")
    return row


def _acting() -> Account:
    return db.session.get_one(Account, current_caller().made_by_id)


def _told(correction: Correction) -> dict[str, Any]:
    span = None if correction.span_start is None else [correction.span_start, correction.span_end]
    return {
        "id": correction.id,
        "what": correction.what,
        "aspect": correction.aspect,
        "value": correction.value,
        "span": span,
        "reason": correction.reason,
        "at": correction.at,
    }
