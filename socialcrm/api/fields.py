"""The fields API schemas are made of. Their error messages are codes, as everywhere in Python here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

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


class _Coded:
    default_error_messages = CODES


class Text(_Coded, fields.String):
    """Text of `least` to `most` characters, without NUL and lone surrogates (no database takes them)."""

    def __init__(self, most: int = 200, least: int = 0, **more: Any) -> None:
        super().__init__(validate=validate.Length(min=least, max=most, error="length"), **more)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError("invalid_characters")
        return text


class Choice(_Coded, fields.String):
    """One of some words."""

    def __init__(self, *words: str, **more: Any) -> None:
        super().__init__(validate=validate.OneOf(words, error="unknown_value"), **more)


class Whole(_Coded, fields.Integer):
    """A whole number that both databases and JSON carry exactly."""

    def __init__(self, least: int = 0, most: int = LARGEST_ID, strict: bool = True, **more: Any) -> None:
        bounds = validate.Range(min=least, max=most, error="out_of_range")
        super().__init__(strict=strict, validate=bounds, **more)

    def _validated(self, value: Any) -> Any:
        try:
            return super()._validated(value)
        except OverflowError:
            raise ValidationError("out_of_range") from None


class Share(_Coded, fields.Float):
    """A number."""


class Flag(_Coded, fields.Boolean):
    """true or false."""

    truthy = {True}
    falsy = {False}


class Moment(_Coded, fields.AwareDateTime):
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


class Day(_Coded, fields.Date):
    """A day, as 1990-05-20."""


class Part(_Coded, fields.Nested):
    """An object in an object."""


class Items(_Coded, fields.List):
    """A list; of at most `most` things where it is sent to us."""

    def __init__(self, inner: fields.Field[Any], most: int | None = None, **more: Any) -> None:
        bounds = validate.Length(max=most, error="length") if most else None
        super().__init__(inner, validate=bounds, **more)


class Facts(_Coded, fields.Dict):
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
