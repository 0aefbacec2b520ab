"""Teaching the engine through the API: versions of the brand's layer, and old texts read again. The doors are the pages'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy import select

from ...api import PREFIX
from ...api.access import needs
from ...api.fields import (
    Answer,
    Body,
    Choice,
    Facts,
    Flag,
    Items,
    Moment,
    PageAnswer,
    PageQuery,
    Part,
    Text,
    Whole,
)
from ...api.lists import list_page
from ...database import transaction
from ...sentiment.learning.actions import (
    ask_for_layer,
    cancel_rescoring,
    start_rescoring,
    use_version,
)
from ...sentiment.learning.models import LayerVersion, Rescoring
from ...sentiment.learning.queries import (
    active_version,
    correction_figures,
    is_stale,
    outdated_texts,
    version_in_force,
)
from .access import caller_as_staff, rescoring_for, rescoring_seen_by, teacher, version_for

bp = APIBlueprint("learning_api", __name__, url_prefix=PREFIX, tag="Learning")

STATES = ("waiting", "training", "accepted", "refused", "failed")
REASONS = ("", "too_few", "no_gain", "frozen_falls", "held_back_falls", "too_broad", "failed")
ROUNDS = ("texts", "people", "done", "cancelled")
FIGURES = "questions, frozen, held_back: {n, before, after}, right of n; turned of left_alone texts; empty until learned"


class VersionOut(Answer):
    id = Whole(required=True, metadata={"description": "the version's number"})
    state = Choice(*STATES, required=True)
    reason = Choice(*REASONS, required=True, metadata={"description": "why it was refused or failed"})
    in_force = Flag(required=True)
    applies = Flag(required=True, metadata={"description": "false: learned on another version of the engine"})
    progress = Whole(required=True, metadata={"description": "0 … 100 while it is learned"})
    corrections = Whole(required=True, metadata={"description": "how many it learned from"})
    base = Text(required=True, metadata={"description": "the engine's version it was learned on"})
    figures = Facts(required=True, metadata={"description": FIGURES})
    asked_by_id = Whole(required=True, allow_none=True, metadata={"description": "null: the schedule"})
    asked_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class VersionsOut(PageAnswer):
    items = Items(Part(VersionOut), required=True)


@bp.get("/sentiment/versions")
@needs("learning:read")
@bp.input(PageQuery, location="query")
@bp.output(VersionsOut)
def versions(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """Versions of the brand's layer, newest first

    Each with its figures before and after, and why it was not put to use.
    """
    caller_as_staff()
    return list_page(select(LayerVersion), query_data, LayerVersion.id, shown=_version)


@bp.get("/sentiment/versions/<int:version_id>")
@needs("learning:read")
@bp.output(VersionOut)
def version(version_id: int) -> dict[str, Any]:
    """One version; while it is learned, how far it is"""
    return _version(version_for(caller_as_staff(), version_id))


@bp.post("/sentiment/versions")
@needs("learning:write")
@bp.output(VersionOut)
def learn() -> dict[str, Any]:
    """Learn a version from staff's corrections, in the background

    The one that is being learned when there is one.
    """
    with transaction():
        row = ask_for_layer(teacher(caller_as_staff()))
    return _version(row)


class InForceOut(Answer):
    version = Part(VersionOut, required=True, allow_none=True)
    model_version = Text(required=True, metadata={"description": "what a text read now is marked with"})
    corrections = Whole(required=True, metadata={"description": "corrections that count"})
    new_corrections = Whole(required=True, metadata={"description": "since the newest version was learned"})
    outdated_texts = Whole(required=True, metadata={"description": "kept opinions given by another version"})


class InForceIn(Body):
    id = Whole(
        1, required=True, allow_none=True, metadata={"description": "an accepted version; null for none"}
    )


@bp.get("/sentiment/in-force")
@needs("learning:read")
@bp.output(InForceOut)
def in_force() -> dict[str, Any]:
    """The version in force, and what has come since"""
    caller_as_staff()
    return _in_force()


@bp.post("/sentiment/in-force")
@needs("learning:write")
@bp.input(InForceIn)
@bp.output(InForceOut)
def use(json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Put an accepted version in force, or none: a roll back

    New texts are read by it from now on, with the same answers to the bit as before; old ones when they are read again.
    """
    with transaction():
        use_version(teacher(caller_as_staff()), json_data["id"])
    return _in_force()


class RescoringOut(Answer):
    id = Whole(required=True)
    state = Choice(
        *ROUNDS, required=True, metadata={"description": "texts, then people: their mood and tags"}
    )
    total = Whole(required=True, metadata={"description": "texts that were outdated when it began"})
    read = Whole(required=True)
    changed = Whole(required=True, metadata={"description": "texts whose polarity changed"})
    people = Whole(required=True)
    asked_by_id = Whole(required=True, allow_none=True)
    asked_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class RescoringsOut(PageAnswer):
    items = Items(Part(RescoringOut), required=True)


@bp.get("/sentiment/rescorings")
@needs("learning:read")
@bp.input(PageQuery, location="query")
@bp.output(RescoringsOut)
def rescorings(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """Rounds in which old texts were read again, newest first"""
    caller_as_staff()
    return list_page(select(Rescoring), query_data, Rescoring.id, shown=_round)


@bp.get("/sentiment/rescorings/<int:rescoring_id>")
@needs("learning:read")
@bp.output(RescoringOut)
def rescoring(rescoring_id: int) -> dict[str, Any]:
    """One round; while it goes on, how far it is"""
    return _round(rescoring_seen_by(caller_as_staff(), rescoring_id))


@bp.post("/sentiment/rescorings")
@needs("learning:write")
@bp.output(RescoringOut)
def rescore() -> dict[str, Any]:
    """Read every old text again that another version read, in the background

    The round under way when there is one. No alert is raised for an old text.
    """
    with transaction():
        run = start_rescoring(teacher(caller_as_staff()))
    return _round(run)


@bp.post("/sentiment/rescorings/<int:rescoring_id>/cancel")
@needs("learning:write")
@bp.output(RescoringOut)
def cancel(rescoring_id: int) -> dict[str, Any]:
    """Stop a round; what was read again stays, and a finished one stays finished"""
    with transaction():
        run = rescoring_for(caller_as_staff(), rescoring_id)
        cancel_rescoring(caller_as_staff(), run)
    return _round(run)


def _in_force() -> dict[str, Any]:
    active, corrections, marked = active_version(), correction_figures(), version_in_force()
    return {
        "version": _version(active) if active else None,
        "model_version": marked,
        "corrections": corrections.count,
        "new_corrections": corrections.new,
        "outdated_texts": outdated_texts(marked),
    }


def _version(row: LayerVersion) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "reason": row.reason,
        "in_force": row.active,
        "applies": row.state == "accepted" and not is_stale(row),
        "progress": row.progress,
        "corrections": row.corrections,
        "base": row.base,
        "figures": row.figures,
        "asked_by_id": row.made_by_id,
        "asked_at": row.made_at,
        "finished_at": row.finished_at,
    }


def _round(row: Rescoring) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "total": row.total,
        "read": row.read,
        "changed": row.changed,
        "people": row.people,
        "asked_by_id": row.made_by_id,
        "asked_at": row.at,
        "finished_at": row.finished_at,
    }
