"""The fields API schemas are made of. Their error messages are codes, as everywhere in Python here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from apiflask import Schema
from marshmallow import ValidationError, fields, validate

from .paging import LARGEST_ID

CODES = {
    "required": "required",
    "null": "null",
    "invalid": "invalid",
    "invalid_utf8": "invalid",
    "invalid_awareness": "invalid",
    "too_large": "out_of_range",
    "format": "invalid",
    "type": "invalid",
    "validator_failed": "invalid",
}
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


F = TypeVar("F", bound=type[fields.Field[Any]])


def _coded(kind: F) -> F:
    """Let a field say codes instead of sentences."""
    kind.default_error_messages = {**CODES}
    return kind


@_coded
class Text(fields.String):
    """Text of `least` to `most` characters, without NUL and lone surrogates (no database takes them)."""

    def __init__(self, most: int = 200, least: int = 0, **more: Any) -> None:
        super().__init__(validate=validate.Length(min=least, max=most, error="length"), **more)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError("invalid_characters")
        return text


@_coded
class Choice(fields.String):
    """One of some words."""

    def __init__(self, *words: str, **more: Any) -> None:
        super().__init__(validate=validate.OneOf(words, error="unknown_value"), **more)


@_coded
class Whole(fields.Integer):
    """A whole number that both databases and JSON carry exactly."""

    def __init__(self, least: int = 0, most: int = LARGEST_ID, strict: bool = True, **more: Any) -> None:
        bounds = validate.Range(min=least, max=most, error="out_of_range")
        super().__init__(strict=strict, validate=bounds, **more)

    def _validated(self, value: Any) -> Any:
        try:
            return super()._validated(value)
        except OverflowError:
            raise ValidationError("out_of_range") from None


@_coded
class Share(fields.Float):
    """A number."""


@_coded
class Flag(fields.Boolean):
    """true or false."""

    truthy = {True}
    falsy = {False}


@_coded
class Moment(fields.AwareDateTime):
    """ISO 8601 with its zone, between 1970 and 2100."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format="iso", **more)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        moment = super()._deserialize(value, *args, **kwargs)
        try:
            utc = moment.astimezone(UTC)
        except OverflowError:
            raise ValidationError("out_of_range") from None
        if not EARLIEST <= utc < LATEST:
            raise ValidationError("out_of_range")
        return utc


@_coded
class Day(fields.Date):
    """A day, as 1990-05-20."""


@_coded
class Part(fields.Nested):
    """An object in an object."""


@_coded
class Items(fields.List[Any]):
    """A list; of at most `most` things where it is sent to us."""

    def __init__(self, inner: fields.Field[Any], most: int | None = None, **more: Any) -> None:
        bounds = validate.Length(max=most, error="length") if most else None
        super().__init__(inner, validate=bounds, **more)


@_coded
class Facts(fields.Dict):
    """An object whose fields depend on what it tells of."""


class Body(Schema):
    """What a request sends; a field nobody knows is refused."""

    error_messages = {"unknown": "unknown_field", "type": "invalid"}


class Answer(Schema):
    """What an answer holds."""


class PageQuery(Schema):
    """The query of every list."""

    cursor = Text(300, metadata={"description": "next_cursor of the page before"})
    limit = Whole(1, 100, strict=False, load_default=30, metadata={"description": "most items of a page"})


class PageAnswer(Answer):
    """The frame of every list."""

    next_cursor = fields.String(
        required=True, allow_none=True, metadata={"description": "null on the last page"}
    )
