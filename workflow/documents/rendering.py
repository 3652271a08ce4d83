"""Draws documents: facts → a sheet → a tagged PDF (PDF/A-2a and PDF/UA-1) by typst.

typst sees one template and one JSON text; its root is a folder that holds nothing else, and it
takes its own fonts only, so that a document is the same on every machine.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from workflow.documents.sheet import Sheet, broken, typeset
from workflow.errors import JalonError

TEMPLATE = Path(__file__).with_name("sheet.typ")
ISSUER = "Agence du numérique en santé"
STANDARDS = ("a-2a", "ua-1")
UNPRINTABLE = "□"
NOTICE = {
    "fr": (
        "Les caractères que la police de ce document ne porte pas sont remplacés par"
        f" {UNPRINTABLE} ; les faits conservés par l’outil les gardent."
    ),
    "en": (
        "Letters that the font of this document does not have are replaced by"
        f" {UNPRINTABLE}; the facts kept by the tool keep them."
    ),
}
_PRINTED = frozenset(
    chr(code)
    for first, last in ((0x20, 0x7E), (0xA0, 0x17F), (0x386, 0x3CE), (0x401, 0x451))
    for code in range(first, last + 1)
    if chr(code).isprintable() or code == 0xA0
) | frozenset("\u00a0\u00ad\u200b\u202f‐‑–—‘’‚“”„†‡•…‰‹›€™→≤≥□\n")


class NotDrawn(JalonError):
    """A document that typst refused to draw: a fault of ours, tried again and then an incident."""

    code = "not_drawn"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What stands around a document's blocks.

    `address` is where it is checked; `check` are the sentences beside it, `facts` the hash of
    what it says; `at` dates the PDF; `funding` says who funds the campaign, when it must.
    """

    number: str
    above: str
    date: str
    at: datetime
    check: Sequence[str]
    address: str = ""
    code: str = ""
    facts: str = ""
    funding: str = ""
    language: Literal["fr", "en"] = "fr"


def draw(sheet: Sheet, frame: Frame) -> bytes:
    """The PDF of a sheet; raises NotDrawn.

    What the fonts cannot print is replaced by a square and said so: a name in another script
    must not keep a document from being made.
    """
    content = {
        "language": frame.language,
        "title": typeset(sheet.title),
        "subtitle": typeset(sheet.subtitle),
        "blocks": sheet.blocks,
        "sectioned": any(block["kind"] == "section" for block in sheet.blocks),
        "issuer": ISSUER,
        "funding": typeset(frame.funding),
        "frame": typeset(frame.above),
        "number": frame.number,
        "date": typeset(frame.date),
        "check": [typeset(sentence) for sentence in frame.check],
        "address": frame.address,
        "qr": _square_code(frame.address),
        "code": frame.code,
        "facts": broken(frame.facts),
    }
    printable = _printable(content)
    if printable != content:
        printable["blocks"].append({"kind": "note", "text": typeset(NOTICE[frame.language])})
    return _compiled(printable, frame.at)


def _compiled(content: Mapping[str, Any], at: datetime) -> bytes:
    # Heavy, and needed by the worker only.
    import typst

    try:
        made = typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            ignore_system_fonts=True,
            sys_inputs={"sheet": orjson.dumps(content).decode()},
            pdf_standards=list(STANDARDS),
            # typst dates a document to the second.
            timestamp=at.replace(microsecond=0),
        )
    except typst.TypstError as fault:
        raise NotDrawn(
            f"Expected a document that can be drawn but typst refused it: {fault.message}."
            " Correct the template."
        ) from fault
    if not isinstance(made, bytes):
        raise NotDrawn("Expected one PDF but typst made none. Correct the template.")
    return made


def _square_code(address: str) -> str:
    if not address:
        return ""
    import segno

    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode()


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(letter if letter in _PRINTED else UNPRINTABLE for letter in value)
    if isinstance(value, Mapping):
        return {key: _printable(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [_printable(each) for each in value]
    return value
