"""`jalon`: status 0 only on success, one sentence on refusal, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from web.cli import main
from workflow import db
from workflow.domain.file_store import FolderStore
from workflow.settings import PROJECT

BPMN = PROJECT / "bpmn"
STORY = BPMN / "scenarios" / "parcours_nominal.yaml"
PASSWORD = "mot-de-passe-fictif"


@dataclass
class Said:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


Jalon = Callable[..., Said]


@pytest.fixture
def jalon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Jalon:
    """Runs one command on a database of its own."""
    for name in [name for name in os.environ if name.startswith("JALON_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JALON_DATABASE_URL", f"sqlite:///{tmp_path / 'data' / 'jalon.sqlite3'}")
    monkeypatch.setenv("JALON_PROOFS_FOLDER", str(tmp_path / "proofs"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        status = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(status, said.out, said.err)

    return run


@pytest.fixture
def ready(jalon: Jalon) -> Jalon:
    """The same, with tables, diagrams and the campaign in force."""
    assert jalon("db", "upgrade").status == 0
    assert jalon("diagrams", "deploy", BPMN).status == 0
    campaign = BPMN / "campaigns" / "dsr-ope-mss-2022.yaml"
    assert jalon("campaigns", "deploy", campaign).status == 0
    return jalon


def refused(said: Said, code: str) -> None:
    assert said.status == 1
    assert said.err.startswith(f"{code}: ")
    assert len(said.err.strip().splitlines()) == 1
    assert said.out == ""


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["1 + 1"], 2),
        (["0.1 + 0.2"], 0.3),
        (["1 / 0"], None),
        (["null"], None),
        (['"é" + "à"'], "éà"),
        (['date("2022-10-27")'], "2022-10-27"),
        (['date and time("2022-10-27T10:00:00Z")'], "2022-10-27T10:00:00+00:00"),
        (['@"10:00:00"'], "10:00:00"),
        (['@"10:00:00@Europe/Paris"'], "10:00:00@Europe/Paris"),
        (['date("2022-11-01") - date("2022-10-27")'], "P5D"),
        (['duration("P1Y2M")'], "P1Y2M"),
        (["{a: [true, 1.50]}"], {"a": [True, 1.5]}),
        (["[1..3]"], "[1..3]"),
        (["10 ** 5000"], None),
        (["a + b", "--context", '{"a": 1, "b": 2.5}'], 3.5),
        (["--unary", "> 5", "--input", "6"], True),
        (["--unary", '"a", "b"', "--input", '"c"'], False),
        (["--unary", "-", "--input", "null"], True),
        (["--unary", "> a", "--input", "6", "--context", '{"a": 7}'], False),
    ],
)
def test_an_author_evaluates_feel(jalon: Jalon, arguments: list[str], printed: Any) -> None:
    said = jalon("feel", *arguments)
    assert said.status == 0
    if arguments != ["10 ** 5000"]:
        assert said.json == printed


def test_every_digit_of_a_number_is_printed(jalon: Jalon) -> None:
    assert jalon("feel", "1 / 3").out.strip() == "0." + "3" * 34


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["1 +"], "feel_syntax"),
        (["(" * 5000], "feel_limit"),
        (["a", "--context", "{"], "invalid_input"),
        (["a", "--context", "[1]"], "invalid_input"),
        (["a", "--context", "[" * 100_000], "invalid_input"),
        (["--unary", "> 5", "--input", "six"], "invalid_input"),
    ],
)
def test_what_is_not_feel_is_refused(jalon: Jalon, arguments: list[str], code: str) -> None:
    said = jalon("feel", *arguments)
    assert said.status == 1
    assert said.err.split(":")[0] in {code, "feel_syntax"}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nothing"],
        ["feel"],
        ["feel", "1", "--unary", "2"],
        ["diagrams", "check"],
        ["scenario", "run"],
        ["scenario", "run", "--fast", "x"],
        ["accounts", "add", "a@b.fr", "--name", "A", "--role", "king", "--password", PASSWORD],
        ["accounts", "add", "a@b.fr", "--role", "support", "--password", PASSWORD],
    ],
)
def test_a_command_written_wrongly_shows_its_usage(jalon: Jalon, arguments: list[str]) -> None:
    said = jalon(*arguments)
    assert said.status == 2
    assert "Usage" in said.err + said.out


def test_help_and_version_succeed(jalon: Jalon) -> None:
    assert jalon("--help").status == 0
    assert "diagrams" in jalon("-h").out
    assert jalon("--version").status == 0
    assert jalon("diagrams", "check", "--help").status == 0


def test_the_projects_diagrams_have_no_fault(jalon: Jalon) -> None:
    said = jalon("diagrams", "check", BPMN, "--json")
    assert (said.status, said.json) == (0, [])
    assert jalon("diagrams", "check", BPMN).status == 0


def test_a_single_file_is_checked_with_the_others(jalon: Jalon, tmp_path: Path) -> None:
    assert jalon("diagrams", "check", BPMN / "award.bpmn", "--json").json == []
    wrong = tmp_path / "award.bpmn"
    wrong.write_text((BPMN / "award.bpmn").read_text().replace("listings.award", "listings.x"))
    said = jalon("diagrams", "check", wrong, "--json")
    assert said.status == 1
    assert [fault["code"] for fault in said.json] == ["unknown_operation"]
    assert set(said.json[0]) == {"code", "file", "element", "message", "remedy"}
    assert "unknown_operation" in jalon("diagrams", "check", wrong).out


def test_a_folder_may_bring_its_own_forms(jalon: Jalon, tmp_path: Path) -> None:
    folder = tmp_path / "procedure"
    shutil.copytree(BPMN, folder / "bpmn")
    shutil.copytree(PROJECT / "forms", folder / "forms")
    assert jalon("diagrams", "check", folder / "bpmn", "--json").json == []
    (folder / "forms" / "sign_convention.json").unlink()
    said = jalon("diagrams", "check", folder / "bpmn", "--json")
    assert (said.status, {fault["code"] for fault in said.json}) == (1, {"unknown_form"})


@pytest.mark.parametrize("content", [b"", b"<a", b"\x00\xff", b"<a/>", b"<!DOCTYPE a><a/>"])
def test_what_is_no_diagram_is_a_fault_and_not_a_fall(
    jalon: Jalon, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "broken.bpmn"
    path.write_bytes(content)
    said = jalon("diagrams", "check", path, "--json")
    assert said.status == 1
    assert said.json
    assert jalon("db", "upgrade").status == 0
    refused(jalon("diagrams", "deploy", path), "diagram_refused")


@pytest.mark.parametrize("command", ["check", "deploy"])
def test_diagrams_that_are_not_there_are_refused(
    jalon: Jalon, tmp_path: Path, command: str
) -> None:
    refused(jalon("diagrams", command, tmp_path / "nowhere"), "not_found")
    (tmp_path / "empty").mkdir()
    refused(jalon("diagrams", command, tmp_path / "empty"), "not_found")


def test_a_deploy_says_what_it_changed(ready: Jalon) -> None:
    assert "nothing" in ready("diagrams", "deploy", BPMN).out
    listed = ready("diagrams", "list")
    assert listed.status == 0
    assert "dossier.bpmn" in listed.out
    assert "dsr-ope-mss-2022" in ready("campaigns", "list").out


def test_a_campaign_that_cannot_be_read_is_refused(ready: Jalon, tmp_path: Path) -> None:
    for content in ("", "a: [", "- a", "a: &a [*a]", "catalogue: ../../etc/passwd", "[" * 5000):
        path = tmp_path / "campaign.yaml"
        path.write_text(content)
        refused(ready("campaigns", "deploy", path), "invalid_campaign")
    refused(ready("campaigns", "deploy", tmp_path / "nowhere.yaml"), "invalid_campaign")
    refused(ready("campaigns", "deploy", tmp_path), "invalid_campaign")


def test_a_story_is_played(jalon: Jalon) -> None:
    said = jalon("scenario", "run", STORY, "--json")
    assert said.status == 0
    assert said.json["passed"] is True
    assert len(said.json["scenarios"]) == 1
    assert "1 passed, 0 failed" in jalon("scenario", "run", STORY).out


def test_a_story_that_goes_otherwise_fails_the_command(jalon: Jalon, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "scenario: '[/red] [bold]Une histoire'\ncampaign: dsr-ope-mss-2022\nsteps:\n"
        "  - {at: 2022-10-03, start: deposit_dossier, expect: {ended: listed}}\n"
    )
    said = jalon("scenario", "run", path)
    assert said.status == 1
    assert "[/red] [bold]Une histoire" in said.out
    assert "ended: expected listed but got None" in said.out
    document = jalon("scenario", "run", path, "--json")
    assert (document.status, document.json["passed"]) == (1, False)


def test_a_story_that_cannot_be_read_fails_the_command(jalon: Jalon, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("scenario: [")
    said = jalon("scenario", "run", path, "--json")
    assert said.status == 1
    assert said.err.startswith("invalid_scenario: ")
    [report] = json.loads(said.out)["scenarios"]
    assert report["refusal"].startswith("invalid_scenario: ")
    missing = jalon("scenario", "run", tmp_path / "nowhere.yaml")
    assert missing.status == 1
    assert missing.err.startswith("invalid_scenario: ")
    (tmp_path / "empty").mkdir()
    refused(jalon("scenario", "run", tmp_path / "empty"), "not_found")


def test_the_tables_are_made_once(jalon: Jalon) -> None:
    assert jalon("db", "upgrade").status == 0
    assert jalon("db", "upgrade").status == 0


def test_tables_of_a_later_version_are_left_alone(ready: Jalon, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "data" / "jalon.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    refused(ready("db", "upgrade"), "invalid_input")


@pytest.mark.parametrize(
    "arguments", [["accounts", "list"], ["history", "verify"], ["diagrams", "list"]]
)
def test_without_tables_a_command_says_what_to_run(jalon: Jalon, arguments: list[str]) -> None:
    said = jalon(*arguments)
    refused(said, "database")
    assert "jalon db upgrade" in said.err


def test_a_file_that_is_no_database_is_told(
    jalon: Jalon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "wrong.sqlite3"
    wrong.write_text("Ceci n'est pas une base. " * 100)
    monkeypatch.setenv("JALON_DATABASE_URL", f"sqlite:///{wrong}")
    refused(jalon("accounts", "list"), "database")
    refused(jalon("db", "upgrade"), "database")
    refused(jalon("backup", tmp_path / "a.zip"), "invalid_input")
    assert not (tmp_path / "a.zip").exists()


def test_a_database_that_another_process_keeps_busy_is_told(
    ready: Jalon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", 50)
    holder = sqlite3.connect(tmp_path / "data" / "jalon.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    said = ready("diagrams", "deploy", BPMN)
    added = ready(*account("a@example.fr"))
    holder.close()
    refused(said, "database")
    refused(added, "database")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("JALON_PROT", "1", "invalid_setting"),
        ("JALON_PORT", "many", "invalid_setting"),
        ("JALON_DATABASE_URL", "mysql://x/y", "invalid_input"),
        ("JALON_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/jalon", "database"),
        ("JALON_DATABASE_URL", "sqlite:////dev/null/jalon.sqlite3", "system"),
        ("JALON_PROOFS_FOLDER", "/dev/null/proofs", "system"),
        ("JALON_FORMS_FOLDER", "/nowhere", "not_found"),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(
    ready: Jalon, monkeypatch: pytest.MonkeyPatch, name: str, value: str, code: str
) -> None:
    monkeypatch.setenv(name, value)
    said = ready("accounts", "list")
    assert said.status == 1
    assert said.err.split(":")[0] in {code, "invalid_input"}
    assert len(said.err.strip().splitlines()) == 1


def account(email: str, *more: str) -> tuple[str, ...]:
    role = () if more else ("--role", "administrator")
    given = ("--name", "[Camille] Fictif", "--password", PASSWORD, *role, *more)
    return ("accounts", "add", email, *given)


def test_the_first_administrator_comes_from_the_command_line(ready: Jalon) -> None:
    assert ready(*account("Admin@Example.fr")).out == "admin@example.fr: administrator.\n"
    assert "[Camille] Fictif" in ready("accounts", "list").out
    changed = ready("accounts", "password", "admin@example.fr", "--password", "autre-" + PASSWORD)
    assert changed.status == 0
    assert ready("history", "verify", "--json").json["intact"] is True


def test_an_operators_account_belongs_to_its_company(ready: Jalon) -> None:
    side = ("--role", "operator")
    refused(ready(*account("a@example.fr", *side)), "invalid_input")
    refused(ready(*account("a@example.fr", *side, "--siret", "123")), "invalid_input")
    company = ("--siret", "12345678200010", "--company", "Messageries fictives")
    assert ready(*account("a@example.fr", *side, *company)).status == 0
    assert ready(*account("b@example.fr", *side, *company)).status == 0


def test_an_account_that_cannot_be_is_refused(ready: Jalon) -> None:
    assert ready(*account("a@example.fr")).status == 0
    refused(ready(*account("A@example.fr")), "conflict")
    refused(ready(*account("nobody")), "invalid_answer")
    short = ("accounts", "password", "a@example.fr", "--password", "court")
    refused(ready(*short), "invalid_answer")
    unknown = ("accounts", "password", "z@example.fr", "--password", PASSWORD)
    refused(ready(*unknown), "not_found")


def test_an_altered_history_is_found(ready: Jalon, tmp_path: Path) -> None:
    assert ready("history", "verify").status == 0
    with sqlite3.connect(tmp_path / "data" / "jalon.sqlite3") as connection:
        connection.execute("UPDATE audit_entry SET actor_name = 'Un autre' WHERE sequence = 2")
    connection.close()
    said = ready("history", "verify")
    assert (said.status, said.out.splitlines()[0]) == (1, "house: broken at entry 2")
    document = ready("history", "verify", "--json")
    assert (document.status, document.json["intact"]) == (1, False)
    with sqlite3.connect(tmp_path / "data" / "jalon.sqlite3") as connection:
        kept = connection.execute("SELECT name, is_sound FROM house_check").fetchall()
    connection.close()
    assert kept == [("history", 0)]


def test_a_backup_is_verified_aside_and_brings_everything_back(
    ready: Jalon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(*account("a@example.fr"))
    stored = FolderStore(tmp_path / "proofs").put(b"Preuve fictive")
    archive = tmp_path / "backup.zip"
    assert "1 files" in ready("backup", archive).out
    refused(ready("backup", archive), "conflict")
    refused(ready("restore", archive), "conflict")
    assert "chains intact" in ready("backup", "--verify", archive).out
    place = tmp_path / "elsewhere"
    monkeypatch.setenv("JALON_DATABASE_URL", f"sqlite:///{place / 'jalon.sqlite3'}")
    monkeypatch.setenv("JALON_PROOFS_FOLDER", str(place / "proofs"))
    assert ready("restore", archive).status == 0
    assert "a@example.fr" in ready("accounts", "list").out
    assert ready("history", "verify").status == 0
    with FolderStore(place / "proofs").open(stored.key) as content:
        assert content.read() == b"Preuve fictive"
    ready(*account("later@example.fr"))
    assert ready("restore", archive, "--replace").status == 0
    assert "later@example.fr" not in ready("accounts", "list").out


def test_what_is_no_backup_is_refused_and_leaves_nothing(jalon: Jalon, tmp_path: Path) -> None:
    refused(jalon("backup", tmp_path / "a.zip"), "invalid_input")
    wrong = tmp_path / "wrong.zip"
    for content in (b"", b"text", b"PK\x03\x04" + b"\x00" * 20):
        wrong.write_bytes(content)
        for command in (("restore",), ("restore", "--replace"), ("backup", "--verify")):
            refused(jalon(*command, wrong), "invalid_backup")
    assert jalon("restore", tmp_path / "nowhere").status == 2
    assert jalon("backup", "--verify", tmp_path / "nowhere").status == 2
    database = tmp_path / "data" / "jalon.sqlite3"
    assert not database.exists() or b"CREATE TABLE" not in database.read_bytes()


def test_a_backup_into_a_folder_that_is_not_there_is_refused(ready: Jalon, tmp_path: Path) -> None:
    refused(ready("backup", tmp_path / "nowhere" / "a.zip"), "system")


def test_incidents_are_listed_and_tried_again(ready: Jalon, tmp_path: Path) -> None:
    assert ready("outbox", "list").out == "0 incidents\n"
    with sqlite3.connect(tmp_path / "data" / "jalon.sqlite3") as connection:
        connection.execute(
            "INSERT INTO outbox_message (id, kind, payload, created_at, due_at, attempts,"
            " last_error, incident) VALUES (5, 'mail', '{\"to\": \"a@example.fr\"}',"
            " '2022-10-03', '2022-10-03', 18, 'no answer', 1)"
        )
    connection.close()
    assert ready("outbox", "list").out.startswith("5  mail  18 tries  no answer")
    assert [row["id"] for row in ready("outbox", "list", "--json").json] == [5]
    refused(ready("outbox", "retry"), "invalid_input")
    refused(ready("outbox", "retry", "6"), "conflict")
    assert ready("outbox", "retry", "--all", "--json").json == {"retried": [5]}
    assert ready("outbox", "list", "--json").json == []
    refused(ready("outbox", "retry", "5"), "conflict")
    assert ready("history", "verify", "--json").json["intact"] is True


def test_serving_without_a_secret_key_is_refused(ready: Jalon) -> None:
    refused(ready("serve"), "invalid_input")


@pytest.fixture
def port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def demo(tmp_path: Path, port: int) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts the demo on a database of its own, and kills it at the end."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("JALON_")},
        "JALON_PORT": str(port),
        "JALON_DATABASE_URL": f"sqlite:///{tmp_path / 'jalon.sqlite3'}",
        "JALON_PROOFS_FOLDER": str(tmp_path / "proofs"),
    }

    def start() -> subprocess.Popen[bytes]:
        log = (tmp_path / f"log{len(started)}").open("wb")
        command = [sys.executable, "-c", "from web.cli import main; main()", "demo"]
        with log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def answer(port: int, process: subprocess.Popen[bytes]) -> int:
    tick = threading.Event()
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/registre", timeout=5) as page:
                return page.status
        except (URLError, ConnectionError):
            tick.wait(0.1)
    raise AssertionError("Expected the demo to answer but it ended.")


@pytest.mark.slow
def test_a_demo_that_is_killed_starts_again_with_the_same_data(
    demo: Callable[[], subprocess.Popen[bytes]], port: int, tmp_path: Path
) -> None:
    first = demo()
    assert answer(port, first) == 200
    first.kill()
    first.wait()
    before = counts(tmp_path)
    assert before["person"] > 10
    assert (before["deployment"], before["campaign_version"]) == (1, 2)
    assert answer(port, demo()) == 200
    assert counts(tmp_path) == before


@pytest.mark.slow
def test_a_demo_on_a_port_that_is_taken_says_so(
    demo: Callable[[], subprocess.Popen[bytes]], port: int, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert demo().wait(timeout=60) == 1
    log = (tmp_path / "log0").read_text()
    assert "system: " in log
    assert "Traceback" not in log


def counts(folder: Path) -> dict[str, int]:
    connection = sqlite3.connect(folder / "jalon.sqlite3")
    names = ("person", "deployment", "campaign_version", "instance", "demo_clock", "audit_entry")
    found = {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names
    }
    connection.close()
    return found
