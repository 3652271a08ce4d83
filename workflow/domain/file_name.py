"""The name that a file came with: kept for people, never used as a path."""

from __future__ import annotations

import re
import unicodedata

from workflow.domain.file_type import refused

LONGEST = 255
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
"""Unicode's kinds of characters that are not seen, or that turn the text around them."""


def checked(file_name: str) -> str:
    """The name as it will be kept; raises InvalidAnswer on a path, hidden signs, no name."""
    name = unicodedata.normalize("NFC", file_name).strip()
    if re.search(r"[/\\]", name) or name in (".", ".."):
        raise refused(
            f"Expected a file name but found the path {name[:80]!r}.",
            "Le nom du fichier contient un chemin (« / », « \\ » ou « .. »). Renommez le fichier.",
        )
    if any(unicodedata.category(character) in _HIDDEN for character in name):
        raise refused(
            "Expected a file name that can be read but it holds hidden characters.",
            "Le nom du fichier contient des caractères invisibles. Renommez le fichier.",
        )
    if len(name) > LONGEST:
        raise refused(
            f"Expected a file name of at most {LONGEST} characters but found a longer one.",
            f"Le nom du fichier dépasse {LONGEST} caractères. Raccourcissez-le.",
        )
    return plain(name)


def plain(file_name: str) -> str:
    """A name without folders or hidden characters; raises InvalidAnswer without one."""
    name = re.split(r"[/\\]", file_name)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in _HIDDEN).strip(" .")
    if not name:
        raise refused("Expected a file name but found none.", "Ce fichier n’a pas de nom.")
    return name[-LONGEST:]


def plain_media_type(media_type: str) -> str:
    """A media type as the web writes it; anything else is taken for plain octets."""
    plain = media_type.partition(";")[0].strip().lower()
    known = re.fullmatch(r"[a-z0-9.+-]{1,50}/[a-z0-9.+-]{1,49}", plain)
    return plain if known else "application/octet-stream"
