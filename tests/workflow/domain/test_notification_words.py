"""Notifications in both languages, what is legally due, and the campaign's own texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import Formatter

import pytest
from desk import Desk

from workflow.domain import (
    admissibility,
    mail_delivery,
    mail_preference,
    notification_template,
    person,
    solicitation,
)
from workflow.domain.notification_duty import DUTIES, is_due, optional_kinds
from workflow.domain.notification_template import Wording, built_in, checked
from workflow.domain.notification_texts import TEXTS
from workflow.domain.notification_texts_en import TEXTS_EN
from workflow.errors import InvalidAnswer, NotFound

CAMPAIGN = "dsr-ope-mss-2022"


def asked(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("kind", TEXTS)
def test_every_text_has_its_english_with_the_same_facts(kind: str) -> None:
    french, english = TEXTS[kind], TEXTS_EN[kind]
    assert [asked(text) for text in french] == [asked(text) for text in english]
    assert re.search(r"[«»]|\b(l|d|n|s|qu)’|\bDossier \{number\} :", " ".join(english)) is None


def test_every_kind_is_classified_with_its_source_once() -> None:
    assert set(DUTIES) == set(TEXTS)
    assert all(duty.source for duty in DUTIES.values())


@pytest.mark.rule(72)
def test_what_is_due_to_a_candidate_cannot_be_chosen_about() -> None:
    optional = optional_kinds({"operator"})
    assert "proof_reminder" in optional
    assert not [kind for kind in optional if is_due(kind, "operator")]
    for kind in ("decision_non_blocking", "solicitation_instruction", "listed", "abandoned"):
        assert is_due(kind, "legal_representative")
        assert kind not in optional


def test_the_agencys_people_choose_about_every_kind_they_are_told() -> None:
    assert "abandoned" in optional_kinds({"instructor"})
    assert not is_due("abandoned", "instructor")
    assert "admitted" not in optional_kinds({"instructor"})


def test_facts_are_named_in_english_too(desk: Desk) -> None:
    dossier_id = desk.deposited()
    solicitation.send(desk.call(dossier_id), "admissibility", ["Votre SIRET ?"])
    told = desk.told(dossier_id, "solicitation_admissibility")[0]
    assert "You have 5 business days from this solicitation on" in str(told.body_en)
    assert "1. Votre SIRET ?" in str(told.body_en)
    assert told.subject_en == "Dossier 2022-001: the Agency has questions for you"


def test_a_reason_is_said_in_both_languages_and_kept_as_typed(desk: Desk) -> None:
    dossier_id = desk.deposited()
    admissibility.declare_ineligible(desk.call(dossier_id), "Service hors périmètre {number}")
    told = desk.told(dossier_id, "ineligible")[0]
    assert told.body.endswith("Motif\u00a0: Service hors périmètre {number}")
    assert str(told.body_en).endswith("Reason: Service hors périmètre {number}")


def change(desk: Desk, kind: str, language: str, subject: str, body: str) -> Wording:
    return notification_template.change(
        desk.session,
        CAMPAIGN,
        kind,
        language,
        Wording(subject, body),
        at=datetime(2022, 10, 3, tzinfo=UTC),
        by=None,
    )


def test_a_campaign_says_it_in_its_own_words_until_it_is_reset(desk: Desk) -> None:
    change(desk, "admitted", "fr", "{number} accepté", "Bravo, {company} :\nà vous de jouer.")
    first = desk.deposited()
    admissibility.admit(desk.call(first))
    told = desk.told(first, "admitted")[0]
    assert (told.subject, told.body.split("\n")[1]) == ("2022-001 accepté", "à vous de jouer.")
    assert told.subject_en == "Dossier 2022-001: admissible"
    assert notification_template.reset(desk.session, CAMPAIGN, "admitted", "fr")
    assert not notification_template.reset(desk.session, CAMPAIGN, "admitted", "fr")
    second = desk.deposited(1)
    admissibility.admit(desk.call(second))
    assert desk.told(second, "admitted")[0].subject == "Dossier 2022-002\u00a0: recevable"


@pytest.mark.parametrize(
    ("kind", "subject", "body", "field", "said"),
    [
        ("admitted", "x", "{salary}", "body", "{salary}"),
        ("admitted", "{number.__class__}", "x", "subject", "{number.__class__}"),
        ("admitted", "{0}", "x", "subject", "{0}"),
        ("admitted", "{number!r}", "x", "subject", "{number!r}"),
        ("admitted", "x", "un { seul", "body", "accolade"),
        ("admitted", "x", "un } seul", "body", "accolade"),
        ("admitted", "", "x", "subject", "caractères"),
        ("admitted", "a\nBcc: b", "x", "subject", "une ligne"),
        ("admitted", "x", "y" * 10_001, "body", "10000"),
        ("solicitation_admissibility", "x", "Répondez sous {delay}.", "body", "{questions}"),
        ("decision_non_blocking", "x", "{reservations}", "body", "{delay}"),
    ],
)
def test_a_text_that_could_not_be_told_is_refused_by_its_field(
    kind: str, subject: str, body: str, field: str, said: str
) -> None:
    with pytest.raises(InvalidAnswer) as refusal:
        checked(kind, "fr", Wording(subject, body))
    assert list(refusal.value.faults) == [field]
    assert said in " ".join(refusal.value.faults[field])


@pytest.mark.parametrize("kind", TEXTS)
def test_every_built_in_text_passes_its_own_check(kind: str) -> None:
    for language in ("fr", "en"):
        wording = built_in(kind, language)
        assert wording is not None
        checked(kind, language, wording)


def test_an_unknown_kind_has_no_text() -> None:
    for kind, language in (("nothing", "fr"), ("admitted", "de")):
        with pytest.raises(NotFound):
            built_in(kind, language)


def test_a_person_chooses_and_what_is_due_cannot_be_declined(desk: Desk) -> None:
    someone = person.add_person(
        desk.session,
        email="contact@example.fr",
        name="Contact",
        password=None,
        roles=["operator"],
        operator_id=desk.operator(0).operator_id,
        at=desk.clock.now(),
    )

    def choose(rhythm: str, *declined: str) -> None:
        mail_preference.choose(
            desk.session,
            someone.id,
            someone.email,
            someone.roles,
            rhythm=rhythm,
            declined=declined,
            at=desk.clock.now(),
        )

    choose("digest", "proof_reminder")
    found = mail_preference.choice_of(desk.session, someone.id, someone.email, someone.roles)
    assert (found.rhythm, found.declined) == ("digest", {"proof_reminder"})
    choose("immediate")
    for rhythm, declined in (("weekly", []), ("digest", ["decision_award"])):
        with pytest.raises(InvalidAnswer):
            choose(rhythm, *declined)
    found = mail_preference.choice_of(desk.session, someone.id, someone.email, someone.roles)
    assert (found.rhythm, found.declined) == ("immediate", frozenset())


@pytest.mark.parametrize(
    ("told", "leaves"),
    [
        ("2022-10-03T09:00+02:00", "2022-10-04T08:00+02:00"),
        ("2022-10-03T07:59+02:00", "2022-10-03T08:00+02:00"),
        ("2022-10-03T08:00+02:00", "2022-10-04T08:00+02:00"),
        ("2022-10-29T20:00+02:00", "2022-10-30T08:00+01:00"),
    ],
)
def test_the_digest_leaves_at_eight_in_paris(told: str, leaves: str) -> None:
    found = mail_delivery.next_digest_at(datetime.fromisoformat(told))
    assert found == datetime.fromisoformat(leaves)
