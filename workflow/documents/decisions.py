"""The technical conformity report and the college's minutes, as sheets (DSR 4.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.documents import words
from workflow.documents.sheet import Sheet
from workflow.domain.minutes import NATURE_WORDS

Facts = Mapping[str, Any]
VERDICTS = {
    "conform": "Conforme",
    "not_conform": "Non conforme",
    "to_clarify": "À préciser",
    "not_applicable": "Sans objet",
}
OUTCOMES = {
    "award": "Attribution du référencement, sans réserve",
    "non_blocking": "Non attribution, avec réserves non bloquantes",
    "blocking": "Non attribution, avec réserves bloquantes",
}
TYPES = {"mandatory": "systématique", "conditional": "conditionnelle"}


def report(facts: Facts, candidature: Sequence[tuple[str, str]]) -> Sheet:
    """One verdict for each requirement that applies; recommendations apart."""
    sheet = Sheet("Rapport de conformité technique", f"Référencement {facts['dsr']}")
    rows = facts["requirements"]
    sheet.section("Le service et la décision").facts(
        [
            *candidature,
            ("Dossier complet reçu le", words.instant(facts["received_at"])),
            ("Instruction close le", words.instant(facts["instructed_at"])),
            ("Décision du collège", _outcome(facts)),
            ("Décidée le", words.day(facts["decided_at"])),
            ("Motifs", facts["reasons"]),
        ]
    )
    sheet.section("Synthèse").facts(
        [(words_, str(count)) for words_, count in _counts(rows).items()]
        + [("Exigences applicables", str(len(rows)))]
    )
    sheet.section("Verdict de chaque exigence")
    sheet.table(
        ("Exigence", "Énoncé", "Profil", "Verdict"),
        [
            (
                row["code"],
                row["statement"],
                f"{row['profile']}, {TYPES.get(row['type'], row['type'])}",
                _verdict(row["verdict"]),
            )
            for row in rows
        ],
        (1.8, 5.7, 2.3, 1.5),
    )
    sheet.note(_catalogue(facts))
    if facts["reservations"]:
        sheet.section("Réserves")
        sheet.table(
            ("Nº", "Exigence", "Correction demandée", "Nature", "Levée"),
            [_reservation(each) for each in facts["reservations"]],
            (0.6, 2, 5, 1.5, 2),
        )
    sheet.section("Préconisations")
    sheet.text(
        "Les préconisations ne sont pas vérifiées et n’ont aucun effet sur le référencement"
        " (DSR 3.1, 4.1.4). Elles sont rappelées ici pour mémoire."
    )
    sheet.list([f"{each['code']} : {each['statement']}" for each in facts["recommendations"]])
    return sheet.note(
        "Ce rapport est strictement confidentiel entre l’Agence et l’Opérateur (DSR 4.7). Le"
        " questionnaire de maturité SSI n’est pas un critère de référencement : il n’y figure pas."
    )


def minutes(facts: Facts) -> Sheet:
    """Who sat, what was decided, and why."""
    sheet = Sheet(
        "Procès-verbal du collège technique",
        f"{facts['dsr']}, séance nº\u00a0{facts['session']}, tenue le"
        f" {words.instant(facts['held_at'])}, heure de Paris",
    )
    sheet.section("Présents")
    sheet.facts(
        [
            ("Membres", ", ".join(facts["members"]) or "aucun"),
            ("Quorum", f"{facts['quorum']} membres, {len(facts['members'])} présents"),
            (
                "Partenaires invités, sans voix",
                ", ".join(f"{name} ({body})" for body, name in facts["partners"]) or "aucun",
            ),
        ]
    )
    sheet.section("Décisions")
    if not facts["decisions"]:
        sheet.text("Aucune décision : les dossiers prêts vont à la séance suivante.")
    for rank, decision in enumerate(facts["decisions"], start=1):
        _decision(sheet, rank, decision)
    return sheet


def _decision(sheet: Sheet, rank: int, decision: Facts) -> None:
    sheet.part(f"Décision {rank} : dossier {decision['dossier']}")
    sheet.facts(
        [
            ("Service", f"{decision['service']}, version {decision['service_version']}"),
            ("Opérateur", decision["company"]),
            ("Décision", decision["words"]),
            ("Motifs", decision["reasons"]),
            ("Déportés, sans voix", ", ".join(decision["recused"])),
            ("Ont déclaré n’avoir aucun conflit", ", ".join(decision["no_conflict"])),
        ]
    )
    if decision["reservations"]:
        sheet.table(
            ("Nº", "Exigence", "Réserve", "Nature"),
            [
                (str(at), each["requirement"], each["text"], NATURE_WORDS[each["nature"]])
                for at, each in enumerate(decision["reservations"], start=1)
            ],
            (0.6, 2, 6, 1.5),
        )


def _reservation(each: Facts) -> tuple[str, ...]:
    lifted = words.day(each["lifted_at"]) or "non levée"
    nature = NATURE_WORDS.get(str(each["nature"]), "")
    return str(each["number"]), each["requirement"], each["text"], nature, lifted


def _outcome(facts: Facts) -> str:
    told = OUTCOMES.get(str(facts["outcome"]), "")
    lifted = facts["reservations"] and all(each["lifted_at"] for each in facts["reservations"])
    return f"{told} ; réserves levées depuis" if lifted else told


def _verdict(verdict: str | None) -> str:
    return "Sans verdict" if verdict is None else VERDICTS.get(str(verdict), "")


def _counts(rows: Sequence[Facts]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        told = _verdict(row["verdict"])
        counts[told] = counts.get(told, 0) + 1
    return counts


def _catalogue(facts: Facts) -> str:
    derived = ", dérivé du DSR faute de référentiel publié" if facts["catalogue_derived"] else ""
    return f"Référentiel {facts['catalogue']}, version {facts['catalogue_version']}{derived}."
