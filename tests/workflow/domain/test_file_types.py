"""A file is what its content says; what is broken, disguised or a bomb is told with a sentence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fictitious_files import SAMPLES, TEXT, mp4, pdf, png

from workflow.domain import file_name, file_type
from workflow.domain.campaign import InvalidCampaign
from workflow.domain.campaign_parameters import parse
from workflow.domain.file_type import BY_NAME
from workflow.domain.proof_limits import MEGABYTE, faults_of, limits_of
from workflow.errors import InvalidAnswer
from workflow.scenarios import Procedure

ALL = tuple(BY_NAME)


def archive(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            # Of no hour: both workers of a run must give the tests the same names.
            made.writestr(zipfile.ZipInfo(name.replace("__", "/")), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def office(kind: str) -> bytes:
    return archive(**{"[Content_Types].xml": b"<Types/>", f"{kind}": b"<x/>"})


def locked() -> bytes:
    content = bytearray(archive(secret=b"x"))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        content[at] |= 1
    return bytes(content)


def judged(tmp_path: Path, content: bytes, name: str, taken: tuple[str, ...] = ALL) -> str:
    path = tmp_path / "file"
    path.write_bytes(content)
    return file_type.require(path, name, taken).name


def sentence(tmp_path: Path, content: bytes, name: str, taken: tuple[str, ...] = ALL) -> str:
    with pytest.raises(InvalidAnswer) as refusal:
        judged(tmp_path, content, name, taken)
    return refusal.value.faults["file"][0].replace("\u00a0", " ")


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.rule(55)
def test_each_kind_of_proof_takes_what_the_dsr_names(tmp_path: Path, kind: str) -> None:
    name, content = SAMPLES[kind]
    judged(tmp_path, content, name, limits_of({}).of(kind).types)


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (office("word/document.xml"), "note.docx", "docx"),
        (office("xl/workbook.xml"), "essais.xlsx", "xlsx"),
        (archive(a=TEXT), "traces.zip", "zip"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 20, "vue.jpeg", "jpeg"),
        (b"\0\0\0\x14ftypqt  " + b"\0" * 20, "essai.mov", "mov"),
        (b"\x1a\x45\xdf\xa3....webm" + b"\0" * 20, "essai.webm", "webm"),
        (b"\x0a\x0d\x0d\x0a" + b"\0" * 20, "essai.pcapng", "pcapng"),
        ("é".encode("utf-16"), "essai.txt", "text"),
        (b"-----BEGIN CERTIFICATE-----", "chaine.pem", "text"),
    ],
)
def test_a_type_is_told_by_the_content(
    tmp_path: Path, content: bytes, name: str, found: str
) -> None:
    assert judged(tmp_path, content, name) == found


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "vide.txt", "Ce fichier est vide."),
        (b"MZ\x90" + b"\0" * 99, "essai.txt", "qui n’est pas pris"),
        (b"\x7fELF" + b"\0" * 99, "journal.log", "qui n’est pas pris"),
        (b"<svg onload='alert(1)'/>", "vue.svg", "son contenu est un texte"),
        (png(), "vue.pdf", "son contenu est une image PNG. Renommez-le en .png"),
        (pdf()[:-30], "note.pdf", "PDF abîmé ou incomplet"),
        (b"%PDF-1.4\nrien\nstartxref\n9\n%%EOF", "note.pdf", "PDF abîmé ou incomplet"),
        (b"%PDF-1.4\nstartxref\n99999\n%%EOF", "note.pdf", "PDF abîmé ou incomplet"),
        (png()[:-12], "vue.png", "image abîmée"),
        (png(100_000, 100_000), "vue.png", "dimensions démesurées"),
        (archive(a=TEXT)[:-9], "a.zip", "archive abîmée"),
        (archive(bomb=b"\0" * 150_000_000), "a.zip", "démesuré une fois ouvert"),
        (archive(**{f"f{n}": b"" for n in range(10_001)}), "a.zip", "trop de fichiers"),
        (locked(), "a.zip", "protégé par un mot de passe"),
    ],
)
def test_what_cannot_be_a_proof_is_refused_with_its_sentence(
    tmp_path: Path, content: bytes, name: str, told: str
) -> None:
    assert told in sentence(tmp_path, content, name)


def test_a_video_is_no_document(tmp_path: Path) -> None:
    told = sentence(tmp_path, mp4(), "note.mp4", ("pdf", "docx"))
    assert told == "« note.mp4 » est une vidéo MP4. Ici sont acceptés : .pdf, .docx."


@pytest.mark.parametrize(
    "name", ["../a.txt", "a/b.txt", "C:\\a.txt", "..", "a\u202etxt.exe", "a\nb.txt", "", "é" * 256]
)
def test_a_name_that_hides_something_is_refused(name: str) -> None:
    with pytest.raises(InvalidAnswer):
        file_name.checked(name)


@pytest.mark.parametrize("name", ["capture d’écran.png", "é" * 251 + ".txt", ".profile"])
def test_a_name_is_kept_as_it_came(name: str) -> None:
    assert file_name.checked(name) == name.removeprefix(".")


def test_a_campaign_sets_its_own_limits() -> None:
    told = {"total_megabytes": 3, "kinds": {"video": {"megabytes": 2, "types": ["mp4"]}}}
    limits = limits_of({"proof_limits": told})
    assert (limits.total, limits.of("video").largest) == (3 * MEGABYTE, 2 * MEGABYTE)
    assert limits.of("video").extensions == (".mp4", ".m4v")
    limits.require_size("video", 2 * MEGABYTE, MEGABYTE)
    for size, already in ((2 * MEGABYTE + 1, 0), (2 * MEGABYTE, MEGABYTE + 1)):
        with pytest.raises(InvalidAnswer):
            limits.require_size("video", size, already)


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {"surprise": 1},
        {"total_megabytes": 0},
        {"kinds": {"film": {}}},
        {"kinds": {"video": {"megabytes": "512"}}},
        {"kinds": {"video": {"types": ["exe"]}}},
        {"kinds": {"video": 5}},
    ],
)
def test_wrong_limits_are_told(wrong: Any, procedure: Procedure) -> None:
    assert faults_of({"proof_limits": wrong})
    mapping, _catalogue = procedure.campaign("dsr-ope-mss-2022")
    with pytest.raises(InvalidCampaign, match="proof_limits"):
        parse({**mapping, "proof_limits": wrong})
