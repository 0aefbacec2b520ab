"""Uploads, content-addressed: the key is the SHA-256 of the bytes, in a local folder or an S3-compatible bucket."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from flask import Flask, current_app

from .config import Config

#: A SHA-256 in hexadecimal.
KEY_LENGTH = 64


class Store(Protocol):
    """Where bytes lie under their key."""

    def put(self, key: str, content: bytes, content_type: str) -> None: ...
    def get(self, key: str) -> bytes | None: ...
    def keys(self) -> Iterator[str]: ...


class FolderStore:
    """Files under `root/ab/cdef…`, written beside and renamed, so that a reader never sees half a file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, key: str) -> Path:
        return self.root / key[:2] / key[2:]

    def put(self, key: str, content: bytes, content_type: str) -> None:
        path = self._path(key)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)

    def get(self, key: str) -> bytes | None:
        path = self._path(key)
        return path.read_bytes() if path.is_file() else None

    def keys(self) -> Iterator[str]:
        for path in self.root.glob("??/*"):
            if len(path.parent.name + path.name) == KEY_LENGTH:
                yield path.parent.name + path.name


class BucketStore:
    """Objects in an S3-compatible bucket, from `s3://key:secret@host:port/bucket?region=r&secure=0`."""

    def __init__(self, url: str) -> None:
        import boto3

        parts = urlsplit(url)
        options = parse_qs(parts.query)
        secure = options.get("secure", ["1"])[0] != "0"
        host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
        self.bucket = parts.path.strip("/")
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=f"{'https' if secure else 'http'}://{host}",
            aws_access_key_id=unquote(parts.username or ""),
            aws_secret_access_key=unquote(parts.password or ""),
            region_name=options.get("region", ["us-east-1"])[0],
        )

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content, ContentType=content_type)

    def get(self, key: str) -> bytes | None:
        try:
            return bytes(self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except self.client.exceptions.NoSuchKey:
            return None

    def keys(self) -> Iterator[str]:
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for item in page.get("Contents", []):
                yield item["Key"]


def init_storage(app: Flask, config: Config) -> None:
    """Choose the store from the configuration."""
    store: Store = (
        BucketStore(config.uploads_url) if config.uploads_url else FolderStore(config.data_dir / "uploads")
    )
    app.extensions["storage"] = store


def keep(content: bytes, content_type: str) -> str:
    """Store bytes and return their key (64 hex digits); the same bytes are kept once."""
    key = hashlib.sha256(content).hexdigest()
    current_app.extensions["storage"].put(key, content, content_type)
    return key


def fetch(key: str) -> bytes | None:
    """The bytes under a key, or None."""
    found: bytes | None = current_app.extensions["storage"].get(key)
    return found
