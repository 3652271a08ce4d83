"""A text is shown by parts: every line once, whatever its encoding and its length."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web import shown_text
from web.shown_text import TextIndex, TextLine, index_of, lines_of, search
from workflow.domain.file_store import FolderStore


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FolderStore:
    """A store of files."""
    folder: Path = tmp_path_factory.mktemp("texts")
    return FolderStore(folder)


def read(store: FolderStore, content: bytes) -> tuple[str, TextIndex, list[TextLine]]:
    """The key of a content, its index, and all its lines, part after part."""
    key = store.put(content).key
    index = index_of(store, key)
    lines = [line for n in range(len(index.pieces)) for line in lines_of(store, key, index, n)]
    return key, index, lines


@settings(max_examples=60)
@given(
    texts=st.lists(
        st.one_of(
            st.text("aé€𝄞 \t", max_size=40),
            st.integers(30_000, 34_000).map(lambda size: "é" * (size // 2)),
        ),
        max_size=12,
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_each_line_is_shown_once_under_its_number(
    store: FolderStore, texts: list[str], encoding: str, end: str
) -> None:
    _key, index, lines = read(store, end.join(texts).encode(encoding))
    shown: dict[int, str] = {}
    for line in lines:
        shown.setdefault(line.number, line.text)
    expected = texts[:-1] if texts and texts[-1] == "" else texts
    assert list(shown.values()) == [text[: shown_text.LONGEST_LINE] for text in expected]
    assert list(shown) == list(range(1, len(expected) + 1))
    assert index.lines == len(expected)
    assert all(index.piece_of(number) < len(index.pieces) for number in shown)


def test_the_encoding_is_told_or_said_to_be_assumed(store: FolderStore) -> None:
    for content, encoding, is_guessed in (
        ("déjà".encode(), "utf-8", True),
        ("déjà".encode("utf-8-sig"), "utf-8", False),
        ("déjà".encode("utf-16"), "utf-16-le", False),
        ("déjà".encode("cp1252"), "cp1252", True),
    ):
        _key, index, lines = read(store, content)
        assert (index.encoding, index.is_guessed) == (encoding, is_guessed)
        assert [line.text for line in lines] == ["déjà"]


def test_what_would_hide_or_turn_a_line_is_spelt_out(store: FolderStore) -> None:
    _key, _index, lines = read(store, "\x1b[31mrouge\x1b[0m\x07 \u202etxt.exe\n".encode())
    assert [line.text for line in lines] == ["rouge[U+0007] [U+202E]txt.exe"]


def test_a_file_of_ten_megabytes_is_shown_and_searched_by_parts(store: FolderStore) -> None:
    content = "".join(f"{n:06} connexion TLSv1.{n % 3}\n" for n in range(420_000)).encode()
    assert len(content) > 10_000_000
    key = store.put(content).key
    index = index_of(store, key)
    assert index.lines == 420_000
    part = lines_of(store, key, index, index.piece_of(300_001))
    assert "300000 connexion TLSv1.0" in [line.text for line in part]
    assert len(part) <= shown_text.MOST_LINES
    found = search(store, key, index, "419999 CONNEXION")
    assert [line.number for line in found.lines] == [420_000]
    first = search(store, key, index, "tlsv1.2")
    assert len(first.lines) == shown_text.MOST_HITS
    assert first.goes_on_at is not None
    following = search(store, key, index, "tlsv1.2", first.goes_on_at)
    assert following.lines[0].number == first.goes_on_at


def test_what_lies_beyond_the_limit_is_said_to_be_left_out(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_text, "MOST_READ", 100_000)
    _key, index, lines = read(store, b"0123456789\n" * 20_000)
    assert index.is_cut
    assert 9_000 < len(lines) < 13_000
