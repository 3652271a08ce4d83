"""How large the files of a proof file may be, and of which types: parameters of the campaign.

In the campaign's YAML, each part optional::

    proof_limits:
      total_megabytes: 4000
      kinds:
        video: {megabytes: 600, types: [mp4, webm]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.domain.file_type import BY_NAME, refused
from workflow.domain.requirement import PROOF_KINDS

MEGABYTE = 1_000_000
KEY = "proof_limits"
LARGEST_MEGABYTES = 5_000
MOST_MEGABYTES = 1_000_000
TOTAL_MEGABYTES = 10_000
ANY_KIND = "file"
"""What a file is that no requirement asks for: evidence of a correction."""
_IMAGES = ("png", "jpeg", "webp", "gif")
_TABLES = ("xlsx", "ods", "text")
_DOCUMENTS = ("pdf", "docx", "odt")
_TRACES = ("text", "pcap", "pcapng", "zip")
_DEFAULTS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "capture": (20, (*_IMAGES, "pdf")),
    "video": (600, ("mp4", "webm", "mov", "mkv", "avi")),
    "file": (100, tuple(BY_NAME)),
    "log": (100, _TRACES),
    "document": (50, (*_DOCUMENTS, *_IMAGES)),
    "test_report": (100, (*_DOCUMENTS, *_TABLES, *_TRACES)),
}


@dataclass(frozen=True, slots=True)
class KindLimit:
    """What one kind of proof takes; `largest` is in bytes."""

    largest: int
    types: tuple[str, ...]

    @property
    def extensions(self) -> tuple[str, ...]:
        """How the names of such files end, with the dot."""
        found = (f".{end}" for name in self.types for end in BY_NAME[name].extensions)
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class ProofLimits:
    """The limits of a campaign; `total` is that of one dossier's files, in bytes."""

    total: int
    kinds: Mapping[str, KindLimit]

    def of(self, kind: str) -> KindLimit:
        """What that kind of proof takes."""
        return self.kinds.get(kind, self.kinds[ANY_KIND])

    def require_size(self, kind: str, size: int, already: int) -> None:
        """Refuse (InvalidAnswer) a file too large by itself, or with those there already."""
        largest = self.of(kind).largest
        if size > largest:
            raise refused(
                f"Expected at most {largest} bytes for {kind} but found {size}.",
                f"Ce fichier dépasse {largest // MEGABYTE}\u00a0Mo, la limite de cette campagne"
                " pour une telle preuve. Réduisez-le, ou partagez-le en plusieurs fichiers.",
            )
        if already + size > self.total:
            raise refused(
                f"Expected at most {self.total} bytes for all files but found {already + size}.",
                f"Vos fichiers dépasseraient ensemble {self.total // MEGABYTE}\u00a0Mo, la limite"
                " de cette campagne pour un dossier. Retirez un fichier, ou réduisez celui-ci.",
            )


def limits_of(parameters: Mapping[str, Any]) -> ProofLimits:
    """The limits that a campaign's parameters set, with ours for what they leave out."""
    written: Mapping[str, Any] = parameters.get(KEY) or {}
    told: Mapping[str, Any] = written.get("kinds") or {}
    return ProofLimits(
        int(written.get("total_megabytes", TOTAL_MEGABYTES)) * MEGABYTE,
        {kind: _limit(kind, told.get(kind) or {}) for kind in PROOF_KINDS},
    )


def faults_of(parameters: Mapping[str, Any]) -> list[str]:
    """Every fault of what a campaign's parameters say of files."""
    written = parameters.get(KEY)
    if written is None:
        return []
    if not isinstance(written, Mapping) or set(written) - {"total_megabytes", "kinds"}:
        return [_fault("", "total_megabytes and kinds", written)]
    return list(_faults(written))


def _faults(written: Mapping[str, Any]) -> Iterator[str]:
    total = written.get("total_megabytes", TOTAL_MEGABYTES)
    if type(total) is not int or not 1 <= total <= MOST_MEGABYTES:
        yield _fault(".total_megabytes", f"1 to {MOST_MEGABYTES}", total)
    kinds = written.get("kinds", {})
    if not isinstance(kinds, Mapping) or set(kinds) - set(PROOF_KINDS):
        yield _fault(".kinds", f"kinds among {', '.join(PROOF_KINDS)}", kinds)
        return
    for kind, said in kinds.items():
        if not isinstance(said, Mapping) or set(said) - {"megabytes", "types"}:
            yield _fault(f".kinds.{kind}", "megabytes and types", said)
            continue
        largest = said.get("megabytes", 1)
        if type(largest) is not int or not 1 <= largest <= LARGEST_MEGABYTES:
            yield _fault(f".kinds.{kind}.megabytes", f"1 to {LARGEST_MEGABYTES}", largest)
        types = said.get("types", ["pdf"])
        if not isinstance(types, list) or not types or set(map(str, types)) - set(BY_NAME):
            yield _fault(f".kinds.{kind}.types", f"types among {', '.join(BY_NAME)}", types)


def _limit(kind: str, said: Mapping[str, Any]) -> KindLimit:
    largest, types = _DEFAULTS[kind]
    return KindLimit(
        int(said.get("megabytes", largest)) * MEGABYTE, tuple(said.get("types", types))
    )


def _fault(place: str, expected: str, found: object) -> str:
    return f"{KEY}{place}: Expected {expected} but found {found!r}. Correct it."
