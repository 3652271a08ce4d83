"""Files in a bucket of an S3-compatible store, under the same keys as in a folder."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from workflow.domain.file_store import (
    LARGEST_FILE,
    FileStore,
    StoredEntry,
    StoredFile,
    incoming,
    is_key,
    missing_file,
    require_key,
)
from workflow.errors import InvalidInput

SCHEME = "s3"
READ_AHEAD = 1024 * 1024
"""Bytes asked for at once: what one open file takes of memory."""
PATIENCE_SECONDS = 20
_TRANSFER = TransferConfig(multipart_chunksize=16 * 1024 * 1024, max_concurrency=2)


class StoreUnreachable(OSError):
    """The store did not answer, or refused; nothing is known of its files."""


class S3Store(FileStore):
    """A bucket; credentials and region come by the AWS variables, as for every S3 client."""

    def __init__(self, bucket: str, prefix: str, scratch: Path, endpoint: str = "") -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.scratch = scratch
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=endpoint or None,
            config=Config(
                # Stores of other makers do not know the newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=PATIENCE_SECONDS,
                read_timeout=PATIENCE_SECONDS,
                retries={"max_attempts": 3},
            ),
        )

    @classmethod
    def at(cls, address: str, scratch: Path, endpoint: str = "") -> S3Store:
        """The store that ``s3://bucket/prefix`` names; raises InvalidInput."""
        parts = urlsplit(address)
        if parts.scheme != SCHEME or not parts.netloc:
            raise InvalidInput(
                f"Expected a store such as s3://bucket/prefix but found {address!r}."
                " Correct JALON_FILE_STORE."
            )
        return cls(parts.netloc, parts.path, scratch, endpoint)

    def put(self, content: bytes | Iterable[bytes], *, largest: int = LARGEST_FILE) -> StoredFile:
        """See `FileStore.put`: its name is its hash, so it is read whole before it is sent."""
        with incoming(self.scratch, content, largest) as (written, stored):
            return self.put_file(written, stored.sha256)

    def put_file(self, path: Path, sha256: str) -> StoredFile:
        """See `FileStore.put_file`."""
        size = path.stat().st_size
        if self.size(sha256) != size:
            with _answering():
                self._client.upload_file(
                    str(path), self.bucket, self._named(sha256), Config=_TRANSFER
                )
        return StoredFile(sha256, sha256, size)

    def open(self, key: str) -> BinaryIO:
        """See `FileStore.open`; only what is read travels."""
        size = self.size(key)
        if size is None:
            raise missing_file(key)
        remote = _Remote(self._client, self.bucket, self._named(key), size)
        return cast(BinaryIO, io.BufferedReader(remote, READ_AHEAD))

    def size(self, key: str) -> int | None:
        """See `FileStore.size`."""
        with _answering():
            try:
                found = self._client.head_object(Bucket=self.bucket, Key=self._named(key))
            except ClientError as refusal:
                if _status_of(refusal) == 404:
                    return None
                raise
        return int(found["ContentLength"])

    def entries(self) -> Iterator[StoredEntry]:
        """See `FileStore.entries`."""
        pages = self._client.get_paginator("list_objects_v2")
        with _answering():
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix):
                yield from _entries(page.get("Contents", ()))

    def delete(self, key: str) -> None:
        """See `FileStore.delete`."""
        with _answering():
            self._client.delete_object(Bucket=self.bucket, Key=self._named(key))

    def _named(self, key: str) -> str:
        return f"{self.prefix}{require_key(key)[:2]}/{key}"


class _Remote(io.RawIOBase):
    """One object, read by ranges."""

    def __init__(self, client: Any, bucket: str, name: str, size: int) -> None:
        self._client, self._bucket, self._name, self._size = client, bucket, name, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        last = min(self._at + len(buffer), self._size) - 1
        if last < self._at:
            return 0
        with _answering():
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._name, Range=f"bytes={self._at}-{last}"
            )
            piece: bytes = answer["Body"].read()
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


@contextmanager
def _answering() -> Iterator[None]:
    """Says of a store that fails what an operating system says of a disk: OSError."""
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as failure:
        raise StoreUnreachable(f"The file store does not answer: {failure}") from failure


def _entries(listed: Iterable[Mapping[str, Any]]) -> Iterator[StoredEntry]:
    for each in listed:
        key = each["Key"].rpartition("/")[2]
        if is_key(key):
            yield StoredEntry(key, each["Size"], each["LastModified"])


def _status_of(refusal: ClientError) -> int:
    return int(refusal.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
