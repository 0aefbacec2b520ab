"""Pictures: checked, written anew, shown to who may see their topic, and cached for ever."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group
from socialcrm.community.moderation.actions import hide_post
from socialcrm.community.topics.actions import open_topic
from socialcrm.community.topics.models import Post
from socialcrm.database import db, transaction
from socialcrm.errors import Invalid
from socialcrm.pictures import MAX_BYTES, read_picture
from socialcrm.storage import keep
from socialcrm.uploads import keep_images

from .conftest import Village

ClientOf = Callable[[Account], FlaskClient]


def picture(size: tuple[int, int] = (60, 40), kind: str = "PNG", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (120, 70, 30)).save(out, kind, **more)  # type: ignore[arg-type]
    return out.getvalue()


def line_drawing(size: tuple[int, int]) -> bytes:
    """One bit a pixel: a picture of many pixels is made in a moment."""
    out = io.BytesIO()
    Image.new("1", size).save(out, "PNG")
    return out.getvalue()


def send(client: FlaskClient, url: str, text: str, *pictures: bytes) -> TestResponse:
    files = [(io.BytesIO(content), f"{n}.jpg") for n, content in enumerate(pictures)]
    answer = client.post(url, data={"text": text, "images": files})
    # The test client leaves the temporary file of a large form open.
    answer.request.environ["wsgi.input"].close()
    return answer


def test_a_large_picture_is_made_smaller() -> None:
    read = read_picture(picture((4000, 1000), "JPEG"))
    assert (read.width, read.height, read.content_type) == (2048, 512, "image/jpeg")


def test_what_rides_along_is_left_behind() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    exif[0x0112] = 6
    read = read_picture(picture((60, 40), "JPEG", exif=exif.tobytes()))
    assert b"secret" not in read.content
    assert (read.width, read.height) == (40, 60), "turned upright"


def test_transparency_is_kept() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    read = read_picture(out.getvalue())
    assert read.content_type == "image/webp"
    assert Image.open(io.BytesIO(read.content)).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not a picture", "image_unreadable"),
        (picture()[:60], "image_unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image_unreadable"),
        (b"\0" * (MAX_BYTES + 1), "image_too_large"),
        (line_drawing((8000, 7000)), "image_too_many_pixels"),
    ],
    ids=["text", "cut off", "svg", "bytes", "pixels"],
)
def test_what_is_no_usable_picture_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        read_picture(content)


def test_a_reply_with_a_picture(village: Village, client: FlaskClient, client_of: ClientOf) -> None:
    topic = village.topic()
    wangqiang = client_of(village.cast["wangqiang"])
    assert send(wangqiang, f"/topics/{topic.id}/posts", "看这个研磨度", picture()).status_code == 302
    post = db.session.scalars(select(Post).where(Post.number == 2)).one()
    image = post.images[0]
    assert (image["width"], image["height"]) == (60, 40)
    assert f'src="/files/{image["key"]}"' in client.get(f"/topics/{topic.id}").text
    answer = client.get(f"/files/{image['key']}")
    assert answer.status_code == 200 and answer.content_type == "image/jpeg"
    assert "immutable" in answer.headers["Cache-Control"]
    again = client.get(f"/files/{image['key']}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_picture_that_is_too_big_keeps_the_text(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    wangqiang = client_of(village.cast["wangqiang"])
    answer = send(wangqiang, f"/topics/{topic.id}/posts", "写了很久", b"\xff\xd8\xff" + b"\0" * MAX_BYTES)
    assert answer.status_code == 422
    assert "图片没有传上去（超过 10 MB）。文字已保存为草稿。" in answer.text and "写了很久" in answer.text
    assert "写了很久" in wangqiang.get(f"/topics/{topic.id}").text
    assert db.session.scalar(select(db.func.count()).select_from(Post)) == 1


def test_several_big_pictures_at_once_are_accepted(village: Village, client_of: ClientOf) -> None:
    """Each within its limit, together beyond what other forms may send."""
    topic = village.topic()
    big = picture(kind="JPEG") + b"\0" * (6 * 1024 * 1024)
    answer = send(client_of(village.cast["wangqiang"]), f"/topics/{topic.id}/posts", "三张", big, big, big)
    assert answer.status_code == 302


def test_too_many_pictures(village: Village, client_of: ClientOf) -> None:
    url = f"/topics/{village.topic().id}/posts"
    answer = send(client_of(village.cast["wangqiang"]), url, "十张", *[picture()] * 10)
    assert answer.status_code == 422 and "一次最多 9 张图片" in answer.text


class Upload:
    filename = "a.png"

    def __init__(self) -> None:
        self.stream = io.BytesIO(picture())


def test_who_may_see_a_picture(village: Village, client: FlaskClient, client_of: ClientOf) -> None:
    cast = village.cast
    with transaction():
        closed = create_group(
            "烘焙师", kind="knowledge", access="request", leader_id=cast["lina"].customer_id
        )
    images = keep_images([Upload()])
    with transaction():
        topic = open_topic(
            cast["lina"].customer_id, closed.id, "曲线", "看图", acting=cast["lina"].id, images=images
        )
    url = f"/files/{images[0].key}"
    expected = {"lina": 200, "wangqiang": 404, "chenjing": 404, "agent": 200, "manager": 200, "admin": 200}
    assert client.get(url).status_code == 404
    assert {name: client_of(cast[name]).get(url).status_code for name in expected} == expected
    with transaction():
        hide_post(topic.first_post_id or 0, cast["manager"].id, reason="测试")
    assert client_of(cast["agent"]).get(url).status_code == 404
    assert client_of(cast["lina"]).get(url).status_code == 200, "the writer still sees what was hidden"


def test_a_key_that_nothing_shows_is_closed(village: Village, client_of: ClientOf) -> None:
    key = keep(b"\x89PNG lies in the store only", "image/png")
    assert client_of(village.cast["admin"]).get(f"/files/{key}").status_code == 404
    assert client_of(village.cast["admin"]).get("/files/../secret").status_code == 404
