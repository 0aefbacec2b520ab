"""Pictures people upload: checked, turned upright, made smaller, written anew (so nothing else rides along). Pure."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import Invalid

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_IMAGES = 9
LONGEST_SIDE = 2048
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept."""

    content: bytes
    content_type: str
    width: int
    height: int


def read_picture(content: bytes, *, longest_side: int = LONGEST_SIDE) -> Picture:
    """Decode and write anew; raises Invalid `image_too_large`, `image_unreadable`, `image_too_many_pixels`."""
    if len(content) > MAX_BYTES:
        raise Invalid("image_too_large", field="images", limit_mb=MAX_BYTES // 1024 // 1024)
    try:
        with warnings.catch_warnings():
            # Pillow only warns of a decompression bomb up to twice its limit; the size is checked just below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise Invalid("image_too_many_pixels", field="images")
            image.load()
        return _written(ImageOps.exif_transpose(image), longest_side)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise Invalid("image_unreadable", field="images") from None


def _written(image: Image.Image, longest_side: int) -> Picture:
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    image = image.convert("RGBA" if clear else "RGB")
    image.thumbnail((longest_side, longest_side))
    out = io.BytesIO()
    if clear:
        image.save(out, "WEBP", quality=84, method=3)
    else:
        image.save(out, "JPEG", quality=84, optimize=True, progressive=True)
    return Picture(out.getvalue(), "image/webp" if clear else "image/jpeg", image.width, image.height)
