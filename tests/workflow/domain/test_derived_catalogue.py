"""The derived catalogue asks for what the DSR says of the REM, which is not public."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping

import pytest

from workflow.settings import PROJECT

CATALOGUE = PROJECT / "bpmn" / "campaigns" / "rem-ope-mss-derived.csv"
with CATALOGUE.open(encoding="utf-8-sig", newline="") as opened:
    ROWS = list(csv.DictReader(opened))
WORDS = {
    "mandatory": r"\bDOIT\b|\bNE DOIT PAS\b",
    "conditional": r"\ASI .+ ALORS .+(\bDOIT\b|\bNE DOIT PAS\b)",
    "recommendation": r"\bPEUT\b",
}
TOPICS = {
    "messages are sent through the API": ("general", "émettre un message en SMTP par l'API LPS"),
    "messages are received through the API": ("general", "relever ses messages en IMAP"),
    "clients configure themselves": ("general", "autoconfiguration"),
    "TLS 1.2 or later is accepted": ("general", "DOIT accepter les connexions en TLS 1.2"),
    "older TLS is refused": ("general", "NE DOIT PAS accepter de connexion dans une version"),
    "people authenticate with a CPS card": ("general", "Pro Santé Connect avec sa carte CPS"),
    "people authenticate with e-CPS": ("general", "Pro Santé Connect avec son application e-CPS"),
    "application mailboxes show a certificate": ("bal_app", "certificat client de l'IGC Santé"),
}
INDICATORS = {
    "a file comes every month": "DOIT déposer chaque mois",
    "the INS is counted": "présence de l'INS",
    "attached documents are qualified": "qualifier les documents transmis en pièce jointe",
    "the mail client is identified": "identifiant du client de messagerie",
}


def judged(words: str) -> Mapping[str, str]:
    """The one requirement that says so, which is not a recommendation."""
    [row] = [row for row in ROWS if words in row["statement"] and row["type"] != "recommendation"]
    return row


def proofs(row: Mapping[str, str]) -> list[str]:
    return [row[name] for name in ("proof_1", "proof_2", "proof_3") if row[name]]


@pytest.mark.rule(30)
@pytest.mark.parametrize(("profile", "words"), TOPICS.values(), ids=list(TOPICS))
def test_each_topic_of_the_api_is_required_of_its_profile(profile: str, words: str) -> None:
    assert judged(words)["profile"] == profile


@pytest.mark.rule(31)
@pytest.mark.parametrize("words", INDICATORS.values(), ids=list(INDICATORS))
def test_each_monthly_indicator_is_required_of_every_service(words: str) -> None:
    row = judged(words)
    assert (row["type"], row["profile"]) == ("mandatory", "general")


@pytest.mark.rule(8, 32)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_each_requirement_says_how_it_is_verified(row: Mapping[str, str]) -> None:
    assert row["verification_scenario"].strip()
    assert bool(proofs(row)) == (row["type"] != "recommendation")


@pytest.mark.rule(37, 38, 39)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_requirement_says_its_kind_in_the_words_of_the_dsr(row: Mapping[str, str]) -> None:
    said = [kind for kind, words in WORDS.items() if re.search(words, row["statement"])]
    # A conditional requirement says DOIT too, after its condition.
    assert said[-1] == row["type"]
    assert (row["type"] == "recommendation") == ("DOIT" not in row["statement"])
    assert (row["profile"] == "bal_app") == (row["type"] == "conditional")


@pytest.mark.rule(55)
def test_a_requirement_may_ask_for_proofs_of_several_kinds() -> None:
    kinds = {kind for row in ROWS for kind in proofs(row)}
    assert {"capture", "video", "file", "log", "document"} <= kinds
    assert any(len(set(proofs(row))) > 1 for row in ROWS)
