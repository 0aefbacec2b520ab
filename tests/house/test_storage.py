"""Uploads behave the same in a folder and in an S3-compatible bucket."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from socialcrm.storage import BucketStore, FolderStore, Store
from tests.servers import free_port

PICTURE = b"\xff\xd8 a photo"
KEY = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture(scope="module")
def bucket_url() -> Iterator[str]:
    """A bucket on a local server that speaks S3."""
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port)
    server.start()
    keys = {"aws_access_key_id": "brand", "aws_secret_access_key": "p@ss/word", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", **keys)
    client.create_bucket(Bucket="uploads")
    client.close()
    yield f"s3://brand:p%40ss%2Fword@127.0.0.1:{port}/uploads?secure=0"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each kind of store."""
    if request.param == "folder":
        yield FolderStore(tmp_path / "uploads")
        return
    bucket = BucketStore(request.getfixturevalue("bucket_url"))
    yield bucket
    for key in list(bucket.keys()):
        bucket.client.delete_object(Bucket=bucket.bucket, Key=key)
    bucket.client.close()


def test_what_is_put_is_got(store: Store) -> None:
    store.put(KEY, PICTURE, "image/jpeg")
    store.put(KEY, PICTURE, "image/jpeg")
    assert store.get(KEY) == PICTURE
    assert list(store.keys()) == [KEY]


def test_what_was_never_put_is_none(store: Store) -> None:
    assert store.get("0" * 64) is None
    assert list(store.keys()) == []


def test_a_half_written_file_is_no_upload(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "uploads")
    store.put(KEY, PICTURE, "image/jpeg")
    (tmp_path / "uploads" / KEY[:2] / "tmpabc123").write_bytes(b"half")
    assert list(store.keys()) == [KEY]
