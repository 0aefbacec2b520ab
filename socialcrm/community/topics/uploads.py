"""From files of a request to kept pictures, before the transaction opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...errors import Invalid
from ...storage import keep
from .actions import KeptImage
from .images import MAX_BYTES, MAX_IMAGES, read_picture


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
