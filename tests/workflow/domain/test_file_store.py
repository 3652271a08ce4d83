"""Files lie in a folder or in a bucket, and nobody who keeps one sees which."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from workflow.domain.file_store import FileStore, FolderStore, sha256_of
from workflow.domain.s3_store import S3Store, StoreUnreachable
from workflow.errors import InvalidInput, LimitExceeded, NotFound

CONTENT = b"Preuve fictive, " * 1000
_names = itertools.count()


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    """A local S3 server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "fictif")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "fictif")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """An empty store, once of each kind."""
    if request.param == "folder":
        return FolderStore(tmp_path / "proofs", tmp_path / "uploads")
    endpoint = request.getfixturevalue("s3_address")
    bucket = f"proofs-{next(_names)}"
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=bucket)
    return S3Store.at(f"s3://{bucket}/mss/2022", tmp_path / "uploads", endpoint)


def test_the_same_content_is_kept_once_and_leaves_no_debris(
    store: FileStore, tmp_path: Path
) -> None:
    first, again = store.put(b"abc"), store.put([b"a", b"bc"])
    assert first == again
    assert [(entry.key, entry.size) for entry in store.entries()] == [(first.key, 3)]
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert left in ([], [first.key])


def test_a_file_too_large_is_not_kept(store: FileStore, tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded):
        store.put([b"abcd", b"e"], largest=4)
    assert list(store.entries()) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_is_read_from_any_position(store: FileStore) -> None:
    kept = store.put(CONTENT)
    with store.open(kept.key) as file:
        assert file.seekable()
        file.seek(-5, io.SEEK_END)
        assert file.read() == CONTENT[-5:]
        file.seek(16)
        assert file.read(6) == CONTENT[16:22]
        file.seek(0)
        assert sha256_of(file) == kept.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_a_whole_file_is_taken_over_and_stays_where_it_was(
    store: FileStore, tmp_path: Path
) -> None:
    written = tmp_path / "written"
    written.write_bytes(CONTENT)
    digest = hashlib.sha256(CONTENT).hexdigest()
    for _time in range(2):
        kept = store.put_file(written, digest)
        assert (kept.key, kept.size) == (digest, len(CONTENT))
    assert store.size(digest) == len(CONTENT)
    assert written.read_bytes() == CONTENT


def test_what_is_deleted_is_gone(store: FileStore) -> None:
    kept = store.put(b"abc")
    assert store.exists(kept.key)
    store.delete(kept.key)
    store.delete(kept.key)
    assert not store.exists(kept.key)
    with pytest.raises(NotFound):
        store.open(kept.key)


@pytest.mark.parametrize("key", ["../secret", "0" * 64, "A" * 64])
def test_nothing_is_opened_but_what_is_kept(store: FileStore, key: str) -> None:
    with pytest.raises(NotFound):
        store.open(key)


def test_a_file_without_links_is_copied(tmp_path: Path, refusing_links: None) -> None:
    store = FolderStore(tmp_path / "proofs", tmp_path / "uploads")
    written = tmp_path / "written"
    written.write_bytes(CONTENT)
    kept = store.put_file(written, hashlib.sha256(CONTENT).hexdigest())
    with store.open(kept.key) as file:
        assert file.read() == CONTENT


@pytest.fixture
def refusing_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that knows no links, as some network drives."""

    def refuse(*_given: object) -> None:
        raise OSError("links are not supported")

    monkeypatch.setattr(Path, "hardlink_to", refuse)


def test_a_store_that_does_not_answer_is_told_as_a_disk_that_fails(
    s3_address: str, tmp_path: Path
) -> None:
    store = S3Store.at("s3://nobody-made-this-bucket", tmp_path, s3_address)
    with pytest.raises(StoreUnreachable):
        store.put(b"abc")


@pytest.mark.parametrize("address", ["http://x/y", "s3:///only-a-path", "bucket"])
def test_an_address_that_names_no_bucket_is_refused(address: str, tmp_path: Path) -> None:
    read: Callable[[str, Path], S3Store] = S3Store.at
    with pytest.raises(InvalidInput, match="JALON_FILE_STORE"):
        read(address, tmp_path)
