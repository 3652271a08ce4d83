"""What a page says and in which language: its texts, and those that speak the other language.

A text speaks French when it is a French sentence of ours, or has letters and words that only
French has; names and what people typed are no sentences of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.pofile import read_po

import web
from web.demo_accounts import DEMO_ACCOUNTS

MESSAGES = Path(web.__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
WITHOUT_END = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
NOT_READ = frozenset({"script", "style", "pre", "code", "textarea", "svg"})
"""Elements that hold no sentence of ours: programs, records, what someone typed."""
READ_ATTRIBUTES = frozenset({"title", "aria-label", "alt", "placeholder", "label", "content"})
NAMES = (
    *(account.name for account in DEMO_ACCOUNTS),
    *(account.company.name for account in DEMO_ACCOUNTS if account.company),
    "Claire Danjou",
    "Alizé Santé Pro",
    "MSSanté",
    "Pro Santé Connect",
    "Agence du numérique en santé",
    "La Réunion",
    "Français",
    "English",
)
FRENCH = re.compile(
    r"[éèêëàâùûçîïôœÉÈÀÇŒ«»]|\b(?:des|une|du|les|est|pour|dans|sur|par|avec|vous|votre|aux|qui|sont"
    r"|pas|le|la|au|ce|cette|et|ou|en|un|son|ses)\b|\b[ldnsjcLDNSJC]['’](?=\w{2})",
)
ENGLISH = re.compile(
    r"\b(?:the|of|your|you|with|and|is|are|this|from|to|for|by|which|has|been|not|was)\b"
)
_PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " ", "’": "'"})


@dataclass(frozen=True)
class Said:
    """One text of a page, the language it is marked with, and the element that holds it."""

    text: str
    language: str
    tag: str


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inside: list[tuple[str, str]] = []
        self.found: list[Said] = []

    @property
    def language(self) -> str:
        return self.inside[-1][1] if self.inside else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        language = given.get("lang") or self.language
        for name in READ_ATTRIBUTES & given.keys():
            self.found.append(Said(plain(given[name]), language, f"{tag} {name}"))
        if tag not in WITHOUT_END:
            # What is copied exactly (codes, hashes) has no language.
            is_code = "mono" in given.get("class", "").split()
            self.inside.append((tag, "" if is_code else language))

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = plain(data)
        if text and not NOT_READ & {tag for tag, _language in self.inside}:
            tag = self.inside[-1][0] if self.inside else ""
            self.found.append(Said(text, self.language, tag))


def texts_of(page: str) -> list[Said]:
    """Every text of a page, in order, with plain spaces and apostrophes."""
    reading = _Reading()
    reading.feed(page)
    return reading.found


def plain(text: str) -> str:
    """A text on one line, with plain spaces and apostrophes."""
    return " ".join(text.translate(_PLAIN).split())


def translations() -> dict[str, str]:
    """French sentence of the pages → its English, singular and plural, without places to fill."""
    found: dict[str, str] = {}
    with MESSAGES.open("rb") as file:
        for message in read_po(file):
            french = [message.id] if isinstance(message.id, str) else list(message.id)
            english = (
                [message.string] if isinstance(message.string, str) else list(message.string or ())
            )
            found |= zip(map(str, french), map(str, english), strict=False)
    return found


def other_language(
    texts: Iterable[Said], language: str, sentences: Mapping[str, str], typed: Iterable[str]
) -> Iterator[Said]:
    """Texts of a page in `language` that speak the other one and are not marked so.

    `sentences` are ours, French → English; `typed` is what people wrote, in whatever language.
    """
    here, there = set(sentences.values()), set(sentences.keys())
    signs = FRENCH
    if language == "fr":
        here, there, signs = there, here, ENGLISH
    same = {plain(each).lower() for each in here}
    ours = {plain(each) for each in there if plain(each).lower() not in same}
    written = re.compile(
        "|".join(map(re.escape, sorted(map(plain, (*NAMES, *typed)), key=len)[::-1]))
    )
    for said in texts:
        if said.language != language:
            continue
        left = written.sub("", said.text).strip()
        if left and (left in ours or signs.search(left)):
            yield said
