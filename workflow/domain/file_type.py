"""What a file is, told by its content: never by its name, nor by what its sender says.

Only the types listed here are known; which of them a kind of proof takes is in `proof_limits`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import puremagic

from workflow.domain import whole_file
from workflow.domain.whole_file import NotWhole
from workflow.errors import InvalidAnswer

HEAD = 64 * 1024
"""How much of a file is looked at to tell its type."""
_NO_VIDEO = (b"heic", b"heix", b"mif1", b"avif", b"M4A ")
"""Brands of the same container that hold no video."""
Matches = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file; the first of its extensions is the usual one."""

    name: str
    label: str
    media_type: str
    extensions: tuple[str, ...]
    matches: Matches


def _starts(*marks: bytes) -> Matches:
    return lambda head: head.startswith(marks)


def _box(*forms: bytes) -> Matches:
    return lambda head: head[:4] == b"RIFF" and head[8:12] in forms


def _mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] not in _NO_VIDEO


def _quicktime(head: bytes) -> bool:
    return head[4:12] == b"ftypqt  " or head[4:8] in (b"moov", b"mdat", b"wide")


def _matroska(kind: bytes) -> Matches:
    return lambda head: head.startswith(b"\x1a\x45\xdf\xa3") and kind in head[:256]


def _text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True  # UTF-16 has null bytes of its own.
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    return b"\0" not in head and controls * 100 <= len(head)


def _package(mark: bytes) -> Matches:
    return lambda head: head.startswith(b"PK\x03\x04") and mark in head


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
# In the order in which they are tried: what is more precise comes first.
TYPES: tuple[FileType, ...] = (
    FileType("png", "une image PNG", "image/png", ("png",), _starts(b"\x89PNG\r\n\x1a\n")),
    FileType("jpeg", "une image JPEG", "image/jpeg", ("jpg", "jpeg"), _starts(b"\xff\xd8\xff")),
    FileType("gif", "une image GIF", "image/gif", ("gif",), _starts(b"GIF87a", b"GIF89a")),
    FileType("webp", "une image WebP", "image/webp", ("webp",), _box(b"WEBP")),
    FileType("pdf", "un PDF", "application/pdf", ("pdf",), lambda head: b"%PDF-" in head[:1024]),
    FileType("mov", "une vidéo QuickTime", "video/quicktime", ("mov", "qt"), _quicktime),
    FileType("mp4", "une vidéo MP4", "video/mp4", ("mp4", "m4v"), _mp4),
    FileType("webm", "une vidéo WebM", "video/webm", ("webm",), _matroska(b"webm")),
    FileType("mkv", "une vidéo Matroska", "video/x-matroska", ("mkv",), _matroska(b"matroska")),
    FileType("avi", "une vidéo AVI", "video/x-msvideo", ("avi",), _box(b"AVI ")),
    FileType(
        "pcapng", "une capture réseau", "application/x-pcapng", ("pcapng",),
        _starts(b"\x0a\x0d\x0d\x0a"),
    ),
    FileType(
        "pcap", "une capture réseau", "application/vnd.tcpdump.pcap", ("pcap", "cap"),
        _starts(b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d"),
    ),
    FileType(
        "odt", "un document OpenDocument", f"{_OPEN}text", ("odt",),
        _package(b"mimetypeapplication/vnd.oasis.opendocument.text"),
    ),
    FileType(
        "ods", "une feuille de calcul OpenDocument", f"{_OPEN}spreadsheet", ("ods",),
        _package(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
    ),
    FileType("zip", "une archive ZIP", "application/zip", ("zip",), _starts(b"PK\x03\x04")),
    FileType(
        "certificate", "un certificat", "application/pkix-cert", ("der", "cer", "crt", "p7b"),
        _starts(b"\x30\x82"),
    ),
    FileType(
        "text", "un texte", "text/plain",
        ("txt", "log", "md", "csv", "tsv", "json", "jsonl", "xml", "yaml", "yml", "eml", "pem",
         "cer", "crt", "ldif", "zone", "conf", "html", "htm", "out", "trace"),
        _text,
    ),
)  # fmt: skip
WORD = FileType(
    "docx", "un document Word", f"{_OFFICE}wordprocessingml.document", ("docx",), lambda _head: True
)
EXCEL = FileType(
    "xlsx", "un classeur Excel", f"{_OFFICE}spreadsheetml.sheet", ("xlsx",), lambda _head: True
)
BY_NAME: Mapping[str, FileType] = {each.name: each for each in (*TYPES, WORD, EXCEL)}


def identify(path: Path) -> FileType | None:
    """The type of a file on disk; None when it is none of those known here."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for each in TYPES:
        if each.matches(head):
            return _office(path) or each if each.name == "zip" else each
    return None


def require(path: Path, file_name: str, taken: tuple[str, ...]) -> FileType:
    """The type of a file of that name, when it is among `taken`, named as it is, and whole.

    Raises InvalidAnswer with a sentence.
    """
    if path.stat().st_size == 0:
        raise empty()
    found = identify(path)
    allowed = [BY_NAME[name] for name in taken]
    if found is None or found not in allowed:
        raise refused(
            f"Expected {', '.join(taken)} but found {found.name if found else 'another type'}.",
            f"« {file_name} » est {_said(path, found)}. Ici sont acceptés\u00a0:"
            f" {_extensions(allowed)}.",
        )
    extension = Path(file_name).suffix.lower().removeprefix(".")
    if extension not in found.extensions:
        raise refused(
            f"Expected a name in {found.extensions} but found {extension!r}.",
            f"« {file_name} » ne dit pas ce qu’il est\u00a0: son contenu est {found.label}."
            f" Renommez-le en .{found.extensions[0]}, ou choisissez un autre fichier.",
        )
    _require_whole(path, file_name, found)
    return found


def refused(found: str, sentence: str) -> InvalidAnswer:
    """What is said of a file that is not taken, in both languages."""
    return InvalidAnswer(f"{found} Choose another file.", {"file": [sentence]})


def empty() -> InvalidAnswer:
    """What is said of a file of no byte at all."""
    return refused("Expected a file with content but found an empty one.", "Ce fichier est vide.")


def _require_whole(path: Path, file_name: str, found: FileType) -> None:
    check = whole_file.CHECKS.get(found.name)
    if check is None:
        return
    try:
        check(path)
    except NotWhole as fault:
        raise refused(f"Expected a whole {found.name}. {fault}", fault.about(file_name)) from fault


def _office(path: Path) -> FileType | None:
    names = whole_file.names_in(path)
    if "[Content_Types].xml" not in names:
        return None
    return WORD if "word/document.xml" in names else EXCEL if "xl/workbook.xml" in names else None


def _said(path: Path, found: FileType | None) -> str:
    if found is not None:
        return found.label
    with path.open("rb") as file:
        head = file.read(4096)
    try:
        known = [each.mime_type for each in puremagic.magic_string(head) if each.mime_type]
    except (puremagic.PureError, ValueError):
        known = []
    return f"d’un type qui n’est pas pris ({known[0]})" if known else "d’un type inconnu"


def _extensions(types: list[FileType]) -> str:
    return ", ".join(dict.fromkeys(f".{end}" for each in types for end in each.extensions[:5]))
