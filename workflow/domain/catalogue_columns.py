"""A requirement catalogue read from the tables of a file, with every fault at once.

A requirement that says « PEUT » and never « DOIT » is a recommendation (DSR 4.1.4).
[règles 34 37 38 39]
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.domain.catalogue_file import InvalidCatalogue, Line, Sheet, refused
from workflow.domain.catalogue_headings import (
    REQUIRED,
    TYPE_WORDS,
    Column,
    column_of,
    fold,
    kind_of,
)
from workflow.domain.catalogue_table import Table
from workflow.domain.requirement import CATALOGUE_LIMIT, PROOF_KINDS, TYPES, CatalogueRows

HEADING_LINES = 30
LONGEST_CODE = 40
LONGEST_VERSION = 30


@dataclass(frozen=True, slots=True)
class Reading:
    """A catalogue as read from a file, with the headings that were left aside."""

    rows: CatalogueRows
    unread: tuple[str, ...]


def read(sheets: Sequence[Sheet], profiles: Sequence[str]) -> Reading:
    """Read the first table that has a catalogue's headings.

    Raises InvalidCatalogue with every fault of headings and lines.
    """
    for sheet in sheets:
        for at, line in enumerate(sheet.lines[:HEADING_LINES]):
            columns = [column_of(i, text) for i, text in enumerate(line.cells)]
            if {"code", "statement"} <= {each.holds for each in columns if each}:
                return _Catalogue(sheet, line, sheet.lines[at + 1 :], columns, profiles).read()
    if not any(sheet.lines for sheet in sheets):
        raise refused(
            "empty",
            "Le fichier est vide. Choisissez celui du catalogue.",
            "Expected a catalogue but the file is empty. Choose another file.",
        )
    raise refused(
        "headings",
        f"Aucune ligne d'en-tête n'a été trouvée. Les colonnes attendues sont :"
        f" {', '.join(REQUIRED.values())}.",
        f"Expected a line of headings but found none. Name the columns"
        f" {', '.join(REQUIRED.values())}.",
    )


class _Catalogue(Table):
    def __init__(
        self,
        sheet: Sheet,
        head: Line,
        lines: Sequence[Line],
        columns: Sequence[Column | None],
        profiles: Sequence[str],
    ) -> None:
        super().__init__(sheet, head, lines, columns)
        self.profiles = profiles

    def read(self) -> Reading:
        found: list[dict[str, Any]] = []
        versions: dict[str, int] = {}
        seen: dict[str, int] = {}
        derived = False
        for line in self.lines if not self.misses_headings else ():
            row = self._requirement(line, len(found) + 1, seen)
            found.append(row)
            version = self.cell(line, "version")
            if version:
                versions.setdefault(version, line.number)
            derived = derived or self.cell(line, "source").upper() == "DERIVED"
        self._whole(found, versions)
        if self.faults:
            raise InvalidCatalogue(sorted(self.faults, key=lambda fault: fault.line or 0))
        rows = CatalogueRows(next(iter(versions), None), derived, tuple(found))
        return Reading(rows, self.unread)

    def _requirement(self, line: Line, position: int, seen: dict[str, int]) -> dict[str, Any]:
        statement = self.required(line, "statement")
        kinds, texts = self._proofs(line)
        row: dict[str, Any] = {
            "code": self._code(line, seen),
            "statement": statement,
            "type": self._type(line, statement),
            "profile": self._profile(line),
            "verification_scenario": self.cell(line, "verification_scenario"),
            "proofs": kinds,
            "position": position,
        }
        # Left out when there are none, so that what was stored before keeps its fingerprint.
        return {**row, "proof_texts": texts} if any(texts) else row

    def _code(self, line: Line, seen: dict[str, int]) -> str:
        code = " ".join(self.required(line, "code").split())
        if len(code) > LONGEST_CODE:
            self.fault_at(
                "long_code",
                line,
                "code",
                f"Le numéro dépasse {LONGEST_CODE} caractères. Raccourcissez-le.",
                f"Expected at most {LONGEST_CODE} characters but found {len(code)}. Shorten it.",
            )
        elif code and code in seen:
            self.fault_at(
                "duplicate_code",
                line,
                "code",
                f"Le numéro {code} est déjà celui de la ligne {seen[code]}. Changez l'un des deux.",
                f"Expected each number once but {code} stands on line {seen[code]} too. Rename it.",
            )
        seen.setdefault(code, line.number)
        return code

    def _type(self, line: Line, statement: str) -> str:
        given = self.cell(line, "type")
        found = TYPE_WORDS.get(fold(given) if given not in TYPES else given)
        if found is None:
            self.fault_at(
                "unknown_type",
                line,
                "type",
                f"« {given} » n'est pas reconnu. Écrivez oui, non ou préconisation.",
                f"Expected oui, non or préconisation but found {given!r}. Choose one.",
            )
            return "mandatory"
        may = re.search(r"\bPEUT\b|\bPEUVENT\b", statement)
        must = re.search(r"\bDOIT\b|\bDOIVENT\b", statement)
        # Our own words say the type outright; « oui » and « non » leave it to the statement.
        return "recommendation" if given not in TYPES and may and not must else found

    def _profile(self, line: Line) -> str:
        given = self.required(line, "profile")
        folded = fold(given)
        for profile in self.profiles:
            if fold(profile) == folded or given == profile:
                return profile
        ending = [name for name in self.profiles if f" {folded}".endswith(f" {fold(name)}")]
        if len(ending) == 1:
            return ending[0]
        if given:
            self.fault_at(
                "unknown_profile",
                line,
                "profile",
                f"Le profil « {given} » n'est pas de cette campagne. Choisissez parmi :"
                f" {', '.join(self.profiles)}.",
                f"Expected one of {', '.join(self.profiles)} but found {given!r}. Choose one.",
            )
        return given

    def _proofs(self, line: Line) -> tuple[list[str], list[str]]:
        kinds: list[str] = []
        texts: list[str] = []
        for place in sorted({each.place for each in self.columns if each.place}):
            kind = self._kind(line, place)
            if kind is None:
                continue
            said = self.proof_cell(line, "proof", place)
            number = self.proof_cell(line, "proof_number", place)
            plain = "" if said in PROOF_KINDS else said
            own = self.proof_cell(line, "proof_text", place)
            kinds.append(kind)
            texts.append(own or ", ".join(part for part in (number, plain) if part))
        return kinds, texts

    def _kind(self, line: Line, place: int) -> str | None:
        strict = self.proof_cell(line, "proof_kind", place)
        if strict:
            if strict not in PROOF_KINDS:
                self.fault_at(
                    "unknown_proof",
                    line,
                    "proof_kind",
                    f"« {strict} » n'est pas une nature de preuve. Choisissez parmi :"
                    f" {', '.join(PROOF_KINDS)}.",
                    f"Expected one of {', '.join(PROOF_KINDS)} but found {strict!r}. Choose one.",
                    place,
                )
            return strict
        said = self.proof_cell(line, "proof", place)
        if not said and not self.proof_cell(line, "proof_number", place):
            return None
        return kind_of(said)

    def _whole(self, found: Sequence[Mapping[str, Any]], versions: Mapping[str, int]) -> None:
        if not found and not self.misses_headings:
            self.fault(
                "empty",
                self.head.number,
                None,
                "Aucune exigence ne suit la ligne d'en-tête. Ajoutez-en.",
                "Expected requirements below the headings but found none. Add them.",
            )
        if len(found) > CATALOGUE_LIMIT:
            self.fault(
                "too_many",
                self.lines[CATALOGUE_LIMIT].number,
                None,
                f"Le catalogue dépasse {CATALOGUE_LIMIT} exigences. Retirez celles en trop.",
                f"Expected at most {CATALOGUE_LIMIT} requirements but found more. Remove some.",
            )
        for version in list(versions)[1:]:
            self.fault(
                "several_versions",
                versions[version],
                "version",
                f"La version « {version} » diffère de la première. Gardez-en une.",
                f"Expected one version but found {version!r} too. Keep one.",
            )
        for version, number in versions.items():
            if len(version) > LONGEST_VERSION:
                self.fault(
                    "long_version",
                    number,
                    "version",
                    f"La version dépasse {LONGEST_VERSION} caractères. Raccourcissez-la.",
                    f"Expected at most {LONGEST_VERSION} characters but found more. Shorten it.",
                )
