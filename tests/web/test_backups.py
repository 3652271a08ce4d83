"""Backups: taken while people work, brought back whole on either database, refused when altered."""

from __future__ import annotations

import hashlib
import shutil
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

sys.path.append(str(Path(__file__).parent.with_name("workflow") / "engine"))

from play import Play

from web.backup import restoring, rows
from web.backup.archive import InvalidBackup, file_member, opened, table_member
from web.backup.saving import save
from web.commands.database import upgrade
from workflow.audit_log import chains, verify
from workflow.db import Database
from workflow.domain.file_store import FolderStore
from workflow.engine import tables
from workflow.errors import Conflict, InvalidInput, NotFound
from workflow.scenarios import Procedure

pytestmark = pytest.mark.slow
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
OpenPlace = Callable[[str], Database]


def silent(_phase: str, _amount: int, _total: int | None) -> None:
    """Progress that nobody watches."""


def empty(database: Database) -> Database:
    """The database without any table, as on a fresh machine."""
    restoring.clear(database)
    return database


@pytest.fixture
def play(database: Database, procedure: Procedure, tmp_path: Path) -> Play:
    """A procedure under way in tables that migrations made."""
    empty(database)
    upgrade(database.engine.url.render_as_string(hide_password=False))
    return Play(database, procedure, tmp_path / "files")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Database]:
    """An empty place elsewhere."""
    database = Database(f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    yield database
    database.close()


def backed_up(play: Play, path: Path) -> Path:
    save(play.database, play.runtime.files, path, NOW, silent)
    return path


def brought_back(path: Path, database: Database, files: FolderStore) -> restoring.Restored:
    return restoring.restore(path, database, files, _upgrade, silent)


def _upgrade(url: str, revision: str) -> None:
    upgrade(url, revision)


def content(database: Database) -> dict[str, rows.TableContent]:
    with database.engine.connect() as connection:
        return {
            name: rows.content_of(connection, table)
            for name, table in rows.tables_of(connection).items()
        }


def keys(files: FolderStore) -> set[str]:
    return {entry.key for entry in files.entries()}


def test_everything_comes_back_and_the_procedure_goes_on(
    play: Play, place: Database, tmp_path: Path, procedure: Procedure
) -> None:
    play.ready_for_the_college("A")
    play.solicited("B")
    files = play.runtime.files
    assert isinstance(files, FolderStore)
    path = backed_up(play, tmp_path / "backup.zip")
    elsewhere = FolderStore(tmp_path / "elsewhere")
    done = brought_back(path, place, elsewhere)
    assert content(place) == content(play.database)
    assert keys(elsewhere) == keys(files)
    assert keys(files)
    with place.reading() as session:
        names = chains(session)
        assert done.chains >= len(names) > 2
        assert all(verify(session, name).broken_at is None for name in names)
    play.runtime.database, play.runtime.files = place, elsewhere
    play.database = place
    play.act(dossier="B", complete="answer_solicitation")
    play.act(dossier="B", complete="instruct_dossier")
    assert play.instance("B").end is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_embedded_database_moves_to_a_server_and_back(
    play: Play, place: Database, tmp_path: Path, postgresql_database: Database
) -> None:
    play.solicited()
    before = content(play.database)
    first = backed_up(play, tmp_path / "first.zip")
    server = empty(postgresql_database)
    try:
        files = FolderStore(tmp_path / "served")
        brought_back(first, server, files)
        assert content(server) == before
        play.runtime.database = play.database = server
        play.runtime.files = files
        play.act(complete="answer_solicitation")
        after = content(server)
        second = backed_up(play, tmp_path / "second.zip")
    finally:
        server.close()
    brought_back(second, place, FolderStore(tmp_path / "home"))
    assert content(place) == after != before


def test_a_backup_taken_while_people_work_is_of_one_moment(
    play: Play, place: Database, tmp_path: Path
) -> None:
    stop = threading.Event()
    names = [f"D{number}" for number in range(40)]
    done: list[str] = []

    def work() -> None:
        for name in names:
            if stop.is_set():
                return
            play.act(dossier=name, start="deposit_dossier")
            done.append(name)

    people = threading.Thread(target=work)
    people.start()
    while len(done) < 2:
        people.join(0.01)
    path = backed_up(play, tmp_path / "backup.zip")
    stop.set()
    people.join()
    brought_back(path, place, FolderStore(tmp_path / "elsewhere"))
    with place.reading() as session:
        deposited = session.scalar(text("SELECT count(*) FROM dossier"))
        instances = session.scalar(
            text("SELECT count(*) FROM instance WHERE dossier_id IS NOT NULL")
        )
    assert deposited == instances
    assert 2 <= (deposited or 0) <= len(done)


@pytest.fixture
def archive(play: Play, tmp_path: Path) -> Path:
    play.instructed_so_far()
    return backed_up(play, tmp_path / "backup.zip")


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The archive with members changed, or left out where `change` gives None."""
    target = path.with_name("altered.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as altered:
        for name in source.namelist():
            given = change(name, source.read(name))
            if given is not None:
                altered.writestr(name, given)
    return target


def refused(path: Path, place: Database, tmp_path: Path) -> str:
    files = FolderStore(tmp_path / "elsewhere")
    with pytest.raises(InvalidBackup) as refusal:
        brought_back(path, place, files)
    with place.engine.connect() as connection:
        assert all(
            rows.content_of(connection, table).rows == 0
            for table in rows.tables_of(connection).values()
        )
    return str(refusal.value)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_altered_is_refused_by_its_name(
    archive: Path, place: Database, tmp_path: Path
) -> None:
    table = table_member("dossier")
    changed = rewritten(
        archive,
        lambda name, data: data.replace(b"2022-001", b"2022-002") if name == table else data,
    )
    assert table in refused(changed, place, tmp_path)
    with opened(archive) as (_, manifest):
        proof = file_member(manifest.files[0].key)
    changed = rewritten(archive, lambda name, data: data + b"!" if name == proof else data)
    assert proof in refused(changed, place, tmp_path)
    left_out = rewritten(archive, lambda name, data: None if name == proof else data)
    assert proof in refused(left_out, place, tmp_path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_history_that_was_rewritten_with_its_hashes_is_refused_by_its_chain(
    archive: Path, place: Database, tmp_path: Path
) -> None:
    member = table_member("audit_entry")
    with zipfile.ZipFile(archive) as source:
        forged = source.read(member).replace(b"Personne fictive", b"Une autre personne")
    sha256 = hashlib.sha256(forged).hexdigest()

    def change(name: str, data: bytes) -> bytes:
        if name == member:
            return forged
        if name != "manifest.json":
            return data
        document: dict[str, Any] = orjson.loads(data)
        for table in document["tables"]:
            if table["name"] == "audit_entry":
                table["sha256"] = sha256
        return orjson.dumps(document)

    assert "is broken at entry" in refused(rewritten(archive, change), place, tmp_path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_backup_cut_short_is_refused(archive: Path, place: Database, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for size in (0, 100, len(whole) // 2, len(whole) - 1):
        cut = tmp_path / "cut.zip"
        cut.write_bytes(whole[:size])
        assert "cut.zip" in refused(cut, place, tmp_path)
    flipped = bytearray(whole)
    flipped[len(whole) // 3] ^= 0xFF
    (tmp_path / "flipped.zip").write_bytes(flipped)
    assert "flipped.zip" in refused(tmp_path / "flipped.zip", place, tmp_path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_place_that_is_not_empty_is_refused(
    archive: Path, play: Play, place: Database, tmp_path: Path
) -> None:
    with pytest.raises(Conflict, match="has rows"):
        brought_back(archive, play.database, FolderStore(tmp_path / "elsewhere"))
    files = play.runtime.files
    assert isinstance(files, FolderStore)
    with pytest.raises(Conflict, match="files are stored"):
        brought_back(archive, place, files)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_was_lost_or_altered_shows_when_the_backup_is_taken(
    play: Play, tmp_path: Path
) -> None:
    play.instructed_so_far()
    files = play.runtime.files
    assert isinstance(files, FolderStore)
    key = sorted(keys(files))[0]
    kept = files.path / key[:2] / key
    shutil.copy(kept, tmp_path / "aside")
    kept.write_bytes(b"altered")
    with pytest.raises(InvalidInput, match=key):
        backed_up(play, tmp_path / "one.zip")
    kept.unlink()
    with pytest.raises(NotFound, match=key):
        backed_up(play, tmp_path / "two.zip")
    assert list(tmp_path.glob("*.zip*")) == list(tmp_path.glob(".*.part")) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_backup_of_an_earlier_version_comes_back_as_this_one(
    database: Database, place: Database, tmp_path: Path
) -> None:
    empty(database)
    upgrade(database.url, "0001")
    with database.transaction() as session:
        session.execute(
            text(
                "INSERT INTO operator (id, company_name, siret)"
                " VALUES (7, 'Messageries fictives', '12345678200010')"
            )
        )
    files = FolderStore(tmp_path / "files")
    save(database, files, tmp_path / "old.zip", NOW, silent)
    brought_back(tmp_path / "old.zip", place, FolderStore(tmp_path / "elsewhere"))
    with place.engine.connect() as connection:
        assert set(rows.tables_of(connection)) == set(tables.METADATA.tables)
        assert connection.scalar(text("SELECT company_name FROM operator WHERE id = 7"))
