"""The antivirus says clean, infected or too big, and is never taken for silent."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_clamd import EICAR, LARGEST, listening

from workflow.engine.clamd import Clamd, ScannerUnreachable
from workflow.settings import InvalidSetting


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Clamd]:
    """A scanner that listens."""
    with listening(tmp_path / "clamd.ctl") as setting:
        yield Clamd.at(setting)


@pytest.mark.parametrize(
    ("content", "state", "threat"),
    [
        (b"Preuve fictive", "clean", None),
        (b"", "clean", None),
        (b"x" * LARGEST, "clean", None),
        (b"before " + EICAR + b" after", "infected", "Eicar-Test-Signature"),
        (b"x" * (LARGEST + 1), "too_big", None),
        (b"x" * (40 * LARGEST), "too_big", None),
    ],
    ids=("text", "nothing", "largest", "virus", "a byte too much", "far too much"),
)
def test_a_content_is_judged(daemon: Clamd, content: bytes, state: str, threat: str | None) -> None:
    result = daemon.scan(io.BytesIO(content))
    assert (result.state, result.threat) == (state, threat)


def test_a_scanner_that_is_down_says_nothing_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(ScannerUnreachable):
        Clamd.at(f"unix:{tmp_path / 'nobody'}").scan(io.BytesIO(b"x"))
    with pytest.raises(ScannerUnreachable):
        Clamd.at("tcp:127.0.0.1:1").scan(io.BytesIO(b"x"))


@pytest.mark.parametrize("setting", ["clamd", "unix:", "tcp:host", "tcp::3310", "tcp:h:99999"])
def test_an_address_that_names_no_scanner_is_refused(setting: str) -> None:
    with pytest.raises(InvalidSetting, match="JALON_CLAMAV"):
        Clamd.at(setting)
