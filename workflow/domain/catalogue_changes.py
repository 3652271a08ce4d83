"""What changes between two versions of a catalogue, and for whom (DSR annexe, DOMAIN A22).

A corrective version changes words only: neither the scope (a requirement added, removed or moved
to another profile) nor the level (its type, its expected proofs). [règles 15 16]
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from workflow.domain.requirement import Requirement

SCOPE_COLUMNS = frozenset({"profile"})
LEVEL_COLUMNS = frozenset({"type", "proofs"})
COLUMNS = ("statement", "type", "profile", "verification_scenario", "proofs")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One column of one requirement, before and after; proofs are one per line."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RequirementChange:
    """What changes in one requirement."""

    code: str
    columns: tuple[ColumnChange, ...]


@dataclass(frozen=True, slots=True)
class CatalogueChanges:
    """The difference between two versions; `reordered` when a kept requirement moved."""

    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    changed: tuple[RequirementChange, ...]
    unchanged: int
    reordered: bool

    @property
    def is_empty(self) -> bool:
        """Whether both versions say the same in the same order."""
        return not (self.added or self.removed or self.changed or self.reordered)

    @property
    def changes_scope(self) -> bool:
        """Whether a dossier would have other requirements to satisfy."""
        return bool(self.added or self.removed) or self._touches(SCOPE_COLUMNS)

    @property
    def changes_level(self) -> bool:
        """Whether a requirement would ask for more, or for less."""
        return self._touches(LEVEL_COLUMNS)

    @property
    def is_corrective(self) -> bool:
        """Whether it may apply to open dossiers."""
        return not (self.is_empty or self.changes_scope or self.changes_level)

    def _touches(self, columns: frozenset[str]) -> bool:
        return any(each.column in columns for row in self.changed for each in row.columns)


def as_rows(requirements: Sequence[Requirement]) -> list[dict[str, Any]]:
    """A stored catalogue as an import reads it."""
    return [
        {
            "code": each.code,
            "statement": each.statement,
            "type": each.type,
            "profile": each.profile,
            "verification_scenario": each.verification_scenario,
            "proofs": list(each.proofs),
            "position": each.position,
        }
        | ({"proof_texts": list(each.proof_texts)} if any(each.proof_texts) else {})
        for each in requirements
    ]


def compare(before: Sequence[Row], after: Sequence[Row]) -> CatalogueChanges:
    """What changes from one catalogue to the other; requirements are known by their number."""
    old = {str(row["code"]): row for row in before}
    new = {str(row["code"]): row for row in after}
    kept = [code for code in old if code in new]
    changes = [(code, _columns(old[code], new[code])) for code in kept]
    changed = tuple(RequirementChange(code, columns) for code, columns in changes if columns)
    return CatalogueChanges(
        added=tuple(row for code, row in new.items() if code not in old),
        removed=tuple(row for code, row in old.items() if code not in new),
        changed=changed,
        unchanged=len(kept) - len(changed),
        reordered=kept != [code for code in new if code in old],
    )


def proofs_of(requirement: Requirement) -> list[tuple[str, str]]:
    """The expected proofs of a requirement: kind, and what the catalogue says of it."""
    return _pairs(requirement.proofs, requirement.proof_texts)


def proofs_as_text(row: Row) -> str:
    """The expected proofs of a requirement, one per line."""
    pairs = _pairs(row["proofs"], row.get("proof_texts", ()))
    return "\n".join(f"{kind} ({text})" if text else str(kind) for kind, text in pairs)


def _pairs(kinds: Sequence[str], texts: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip_longest(kinds, texts, fillvalue=""))


def _columns(old: Row, new: Row) -> tuple[ColumnChange, ...]:
    found = [(name, _shown(old, name), _shown(new, name)) for name in COLUMNS]
    return tuple(ColumnChange(name, a, b) for name, a, b in found if a != b)


def _shown(row: Row, column: str) -> str:
    return proofs_as_text(row) if column == "proofs" else str(row[column])


def written(rows: Sequence[Row], *, derived: bool) -> str:
    """A catalogue as our own CSV; importing it changes nothing."""
    places = range(1, max((len(row["proofs"]) for row in rows), default=0) + 1)
    proofs = [name for place in places for name in (f"proof_{place}", f"proof_{place}_text")]
    heads = ["id", "statement", "type", "profile", "verification_scenario", *proofs, "source"]
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, heads, restval="", lineterminator="\n")
    table.writeheader()
    for row in rows:
        line = {name: row[name] for name in ("statement", "type", "profile")}
        line |= {"id": row["code"], "verification_scenario": row["verification_scenario"]}
        line |= {f"proof_{at}": kind for at, kind in enumerate(row["proofs"], start=1)}
        texts = enumerate(row.get("proof_texts", ()), start=1)
        line |= {f"proof_{at}_text": said for at, said in texts}
        table.writerow(line | {"source": "DERIVED" if derived else ""})
    return text.getvalue()
