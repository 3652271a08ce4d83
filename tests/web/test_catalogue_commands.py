"""`jalon catalogues`: what a file would change, then the file in force."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from web.cli import main
from workflow.settings import PROJECT

CAMPAIGNS = PROJECT / "bpmn" / "campaigns"
CAMPAIGN = "dsr-ope-mss-2022"


class Shell:
    """Runs commands on a database of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def run(self, *arguments: object) -> tuple[int, str, str]:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(each) for each in arguments])
        said = self.capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.setenv("JALON_DATABASE_URL", f"sqlite:///{tmp_path / 'jalon.sqlite3'}")
    monkeypatch.setenv("JALON_PROOFS_FOLDER", str(tmp_path / "proofs"))
    shell = Shell(capsys)
    for arguments in (
        ("db", "upgrade"),
        ("diagrams", "deploy", PROJECT / "bpmn"),
        ("campaigns", "deploy", CAMPAIGNS / f"{CAMPAIGN}.yaml"),
    ):
        assert shell.run(*arguments)[0] == 0
    return shell


def test_a_file_is_previewed_then_imported_then_has_nothing_new(
    shell: Shell, tmp_path: Path
) -> None:
    text = (CAMPAIGNS / "rem-ope-mss-derived.csv").read_text(encoding="utf-8")
    file = tmp_path / "rem.csv"
    file.write_text(text.replace("émettre un message", "envoyer un message"), encoding="utf-8")
    status, out, _err = shell.run("catalogues", "preview", file, "--campaign", CAMPAIGN, "--json")
    said = json.loads(out)
    assert (status, said["unchanged"], said["scope"], said["level"]) == (0, 32, False, False)
    assert [row["requirement"] for row in said["changed"]] == ["DER-API-01"]
    plain = shell.run("catalogues", "preview", file, "--campaign", CAMPAIGN)[1]
    assert "Corrective: neither scope nor level changes." in plain
    imported = ("catalogues", "import", file, "--campaign", CAMPAIGN, "--version", "1.1")
    assert "version 1.1 in force" in shell.run(*imported)[1]
    assert "nothing differs" in shell.run(*imported)[1]


def test_a_file_with_faults_is_refused_with_each_of_them(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "rem.csv"
    file.write_text("id,statement,type,profile\nA-1,,mandatory,unknown\n", encoding="utf-8")
    command = ("catalogues", "import", file, "--campaign", CAMPAIGN)
    status, out, err = shell.run(*command)
    assert (status, out) == (1, "")
    assert "line 2, statement (missing_text)" in err
    assert "line 2, profile (unknown_profile)" in err
    status, out, _err = shell.run(*command, "--json")
    assert status == 1
    assert [fault["column"] for fault in json.loads(out)["faults"]] == ["statement", "profile"]


def test_a_file_that_is_too_large_or_for_no_campaign_is_one_sentence(
    shell: Shell, tmp_path: Path
) -> None:
    large = tmp_path / "large.xlsx"
    large.write_bytes(b"x" * 10_000_000)
    status, _out, err = shell.run("catalogues", "preview", large, "--campaign", CAMPAIGN)
    assert (status, err.count("\n")) == (1, 1)
    small = CAMPAIGNS / "rem-ope-mss-derived.csv"
    status, _out, err = shell.run("catalogues", "preview", small, "--campaign", "unknown")
    assert (status, err.startswith("not_found")) == (1, True)
