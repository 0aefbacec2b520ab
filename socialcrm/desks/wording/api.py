"""The brand's own words and aspects through the API, with what they would change before they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy import select

from ...api import PREFIX
from ...api.access import needs
from ...api.fields import Answer, Body, Choice, Items, Moment, PageAnswer, PageQuery, Part, Share, Text, Whole
from ...api.lists import list_page
from ...database import transaction, utcnow
from ...sentiment.engine import Opinion
from ...sentiment.learning.actions import (
    checked_aspect,
    checked_word,
    remove_aspect,
    remove_word,
    save_aspect,
    save_word,
)
from ...sentiment.learning.models import MEANINGS, BrandAspect, BrandWord
from ...sentiment.learning.queries import brand_in_force
from ...sentiment.models import SUBJECTS
from ..learning.access import caller_as_staff
from ..learning.comparing import DAYS, Change, compare
from .access import word_keeper
from .proposing import Proposal, with_aspect, with_word

bp = APIBlueprint("wording_api", __name__, url_prefix=PREFIX, tag="Learning")

SEEN = f"texts of the last {DAYS} days looked at by this answer"
GO_ON = "send it as `before` to look further back; null when all were looked at"


class WordIn(Body):
    word = Text(40, 1, required=True)
    meaning = Choice(
        *MEANINGS,
        required=True,
        metadata={"description": "neutral: judges nothing here; complaint: a sign of one"},
    )
    strength = Whole(1, 3, load_default=2, metadata={"description": "1 slight … 3 strong; not for neutral"})
    reason = Text(200, load_default="")


class PreviewIn(Body):
    before = Whole(
        1, load_default=None, allow_none=True, metadata={"description": "next_before of the last answer"}
    )


class WordPreviewIn(WordIn, PreviewIn):
    pass


class WordOut(Answer):
    id = Whole(required=True)
    word = Text(
        required=True, metadata={"description": "folded as texts are: simplified, lower case, half width"}
    )
    meaning = Choice(*MEANINGS, required=True)
    strength = Whole(required=True)
    reason = Text(required=True)
    made_by_id = Whole(required=True)
    at = Moment(required=True)


class WordsOut(PageAnswer):
    items = Items(Part(WordOut), required=True)


class AspectIn(Body):
    name = Text(20, 1, required=True)
    words = Items(Text(20), most=100, load_default=list, metadata={"description": "words that name it"})
    examples = Items(
        Text(200),
        most=20,
        load_default=list,
        metadata={"description": "sentences that speak of it without its words"},
    )


class AspectPreviewIn(AspectIn, PreviewIn):
    pass


class AspectOut(Answer):
    id = Whole(required=True)
    name = Text(required=True)
    words = Items(Text(), required=True)
    examples = Items(Text(), required=True)
    made_by_id = Whole(required=True)
    at = Moment(required=True)


class AspectsOut(PageAnswer):
    items = Items(Part(AspectOut), required=True)


class RemovedOut(Answer):
    id = Whole(required=True)


class ReadingOut(Answer):
    polarity = Choice("negative", "neutral", "positive", "unsure", required=True)
    probability = Share(required=True, metadata={"description": "of the text being positive"})
    complaint = Share(required=True)
    aspects = Items(Text(), required=True, metadata={"description": "aspect:polarity of each found"})


class ChangeOut(Answer):
    subject = Choice(*SUBJECTS, required=True)
    subject_id = Whole(required=True)
    said_at = Moment(required=True)
    before = Part(ReadingOut, required=True)
    after = Part(ReadingOut, required=True)


class PreviewOut(Answer):
    looked_at = Whole(required=True, metadata={"description": SEEN})
    changes = Items(
        Part(ChangeOut), required=True, metadata={"description": "texts that would be read another way"}
    )
    next_before = Whole(required=True, allow_none=True, metadata={"description": GO_ON})


@bp.get("/sentiment/words")
@needs("learning:read")
@bp.input(PageQuery, location="query")
@bp.output(WordsOut)
def words(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """The brand's own words, newest first"""
    caller_as_staff()
    return list_page(select(BrandWord), query_data, BrandWord.id, shown=_word)


@bp.post("/sentiment/words/preview")
@needs("learning:read")
@bp.input(WordPreviewIn)
@bp.output(PreviewOut)
def word_preview(json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Which texts of the last 30 days a word would change

    Nothing is kept. An answer comes within about a second; go on with `before` until `next_before` is null.
    """
    return _preview(with_word(_told_word(json_data)), json_data["before"])


@bp.post("/sentiment/words")
@needs("learning:write")
@bp.input(WordIn)
@bp.output(WordOut)
def add_word(json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a word, in place of what it meant before

    It counts for every text from now on.
    """
    with transaction():
        return _word(save_word(word_keeper(caller_as_staff()), _told_word(json_data), json_data["reason"]))


@bp.post("/sentiment/words/<int:word_id>/remove")
@needs("learning:write")
@bp.output(RemovedOut)
def drop_word(word_id: int) -> dict[str, Any]:
    """Take a word out; done twice it stays out"""
    with transaction():
        remove_word(word_keeper(caller_as_staff()), word_id)
    return {"id": word_id}


@bp.get("/sentiment/brand-aspects")
@needs("learning:read")
@bp.input(PageQuery, location="query")
@bp.output(AspectsOut)
def aspects(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """The brand's own aspects, newest first"""
    caller_as_staff()
    return list_page(select(BrandAspect), query_data, BrandAspect.id, shown=_aspect)


@bp.post("/sentiment/brand-aspects/preview")
@needs("learning:read")
@bp.input(AspectPreviewIn)
@bp.output(PreviewOut)
def aspect_preview(json_data: Mapping[str, Any]) -> dict[str, Any]:
    """In which texts of the last 30 days an aspect would be found

    Nothing is kept. An answer comes within about a second; go on with `before` until `next_before` is null.
    """
    return _preview(with_aspect(_told_aspect(json_data)), json_data["before"])


@bp.post("/sentiment/brand-aspects")
@needs("learning:write")
@bp.input(AspectIn)
@bp.output(AspectOut)
def add_aspect(json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Keep an aspect, in place of the one with its name

    It is looked for in every text from now on.
    """
    with transaction():
        return _aspect(save_aspect(word_keeper(caller_as_staff()), _told_aspect(json_data)))


@bp.post("/sentiment/brand-aspects/<int:aspect_id>/remove")
@needs("learning:write")
@bp.output(RemovedOut)
def drop_aspect(aspect_id: int) -> dict[str, Any]:
    """Take an aspect out; done twice it stays out"""
    with transaction():
        remove_aspect(word_keeper(caller_as_staff()), aspect_id)
    return {"id": aspect_id}


def _told_word(told: Mapping[str, Any]) -> Any:
    return checked_word(told["word"], told["meaning"], told["strength"])


def _told_aspect(told: Mapping[str, Any]) -> Any:
    return checked_aspect(told["name"], told["words"], told["examples"])


def _preview(proposal: Proposal, before: int | None) -> dict[str, Any]:
    since: datetime = utcnow() - timedelta(days=DAYS)
    keeper = word_keeper(caller_as_staff())
    bit = compare(keeper, brand_in_force(), proposal.brand, since, before, proposal.concerns)
    return {
        "looked_at": bit.looked_at,
        "changes": [_change(each) for each in bit.changes],
        "next_before": bit.next_id,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "subject": change.text.subject,
        "subject_id": change.text.subject_id,
        "said_at": change.text.at,
        "before": _reading(change.before),
        "after": _reading(change.after),
    }


def _reading(opinion: Opinion) -> dict[str, Any]:
    return {
        "polarity": opinion.polarity,
        "probability": round(opinion.probability, 4),
        "complaint": round(opinion.complaint, 4),
        "aspects": [f"{name}:{each.polarity}" for name, each in opinion.aspects.items()],
    }


def _word(row: BrandWord) -> dict[str, Any]:
    names = ("id", "word", "meaning", "strength", "reason", "made_by_id", "at")
    return {name: getattr(row, name) for name in names}


def _aspect(row: BrandAspect) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "name", "words", "examples", "made_by_id", "at")}
