"""From files of a request to kept pictures, before the transaction opens, and from a kept picture to an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from .errors import Invalid, NotFound
from .pictures import MAX_BYTES, MAX_IMAGES, read_picture
from .storage import KEY_LENGTH, fetch, keep

FILE_SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"), (b"RIFF", "image/webp"))


@dataclass(frozen=True)
class KeptImage:
    """A picture that lies in the store: its key and size in pixels."""

    key: str
    width: int
    height: int


def keep_images(files: Iterable[Any]) -> list[KeptImage]:
    """Check, re-encode and store the pictures of a form; empty file fields are skipped.

    Raises Invalid `too_many_images`, `image_too_large`, `image_too_many_pixels`, `image_unreadable`.
    """
    given = [file for file in files if getattr(file, "filename", "")]
    if len(given) > MAX_IMAGES:
        raise Invalid("too_many_images", field="images", limit=MAX_IMAGES)
    pictures = [read_picture(file.stream.read(MAX_BYTES + 1)) for file in given]
    return [
        KeptImage(keep(picture.content, picture.content_type), picture.width, picture.height)
        for picture in pictures
    ]


def keep_image(file: Any) -> str | None:
    """The storage key of one picture (a cover); None when none was given."""
    kept = keep_images([file])
    return kept[0].key if kept else None


def checked_key(key: str) -> str:
    """The key, when it has the shape of one; NotFound otherwise."""
    if len(key) != KEY_LENGTH or not key.isalnum():
        raise NotFound
    return key


def picture_answer(key: str) -> ResponseReturnValue:
    """The picture for who was let in: its key is its content, so it never changes. NotFound when it is not there."""
    content = fetch(key)
    if content is None:
        raise NotFound
    kind = next((kind for start, kind in FILE_SIGNATURES if content.startswith(start)), None)
    answer = Response(content, content_type=kind or "application/octet-stream")
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.set_etag(key)
    return answer.make_conditional(request)
