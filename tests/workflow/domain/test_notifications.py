"""Notifications: stored in French, copied by mail, to those whom they concern."""

from __future__ import annotations

import re
from dataclasses import replace
from string import Formatter

import pytest
from desk import MAPPING, Desk
from sqlalchemy import select

from workflow.clock import paris_date
from workflow.domain import (
    admissibility,
    convention,
    ending,
    instruction_queue,
    mandate,
    notification,
    overdue,
    person,
    proof,
    solicitation,
)
from workflow.domain.notification_texts import TEXTS, days_in_french, in_french, typeset
from workflow.errors import NotFound
from workflow.outbox import OutboxMessage

NBSP = "\u00a0"


@pytest.mark.parametrize("kind", TEXTS)
def test_every_text_is_set_as_french_is_printed(kind: str) -> None:
    for text in map(typeset, TEXTS[kind]):
        assert "'" not in text
        assert '"' not in text
        assert re.search(r"[^\u00a0][:;?!»]|«[^\u00a0]", text) is None
        assert "{number}" in text or text == typeset(TEXTS[kind][1])


@pytest.mark.parametrize("kind", TEXTS)
def test_no_text_asks_for_more_than_verbs_give(kind: str) -> None:
    known = {
        "number", "service", "company", "at", "opens", "closes", "basis", "questions", "delay",
        "deprioritise", "abandon", "solicitation", "reason", "planned", "reservations",
        "remaining", "listing", "previous", "restart", "sent", "when", "change", "dates", "threat",
        "file_name", "fact", "old", "new", "version", "by",
    }  # fmt: skip
    asked = {name for text in TEXTS[kind] for _, name, _, _ in Formatter().parse(text) if name}
    assert asked <= known


def test_delays_are_named_as_people_say_them(desk: Desk) -> None:
    legal = {key: delay for key, delay in desk.campaign.delays.items() if key in MAPPING["delays"]}
    said = {key: in_french(delay) for key, delay in legal.items()}
    assert said == {
        "admissibility_check": f"1{NBSP}semaine",
        "admissibility_solicitation": f"5{NBSP}jours ouvrés",
        "solicitation_deprioritise": f"24{NBSP}heures",
        "solicitation_delay": f"5{NBSP}jours",
        "solicitation_abandon": f"30{NBSP}jours",
        "instruction": f"6{NBSP}semaines",
        "reservation_lifting": f"4{NBSP}semaines",
    }
    assert days_in_french(1) == f"1{NBSP}jour"


def test_a_solicitation_tells_the_operator_and_the_legal_representative(desk: Desk) -> None:
    dossier_id = desk.deposited()
    solicitation.send(desk.call(dossier_id), "admissibility", ["Votre SIRET ?"])
    told = desk.told(dossier_id, "solicitation_admissibility")
    assert [found.role for found in told] == ["legal_representative", "operator"]
    assert "1. Votre SIRET ?" in told[0].body
    assert f"5{NBSP}jours ouvrés" in told[0].body


def test_each_notification_leaves_as_a_mail_too(desk: Desk) -> None:
    dossier_id = desk.deposited()
    desk.session.flush()
    effects = desk.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    mails = [effect for effect in effects if effect.kind == "notification"]
    to_chief, told = desk.told(dossier_id, "deposit_received")
    assert [mail.payload for mail in mails] == [
        {"notification_id": told.id},
        {"notification_id": to_chief.id},
    ]
    assert told.subject == f"Dossier 2022-001{NBSP}: dépôt reçu"


def test_facts_typed_by_people_are_kept_as_typed(desk: Desk) -> None:
    dossier_id = desk.deposited(service_name="Mél {x} : « ok » ?")
    assert "Mél {x} : « ok » ?" in desk.told(dossier_id, "deposit_received")[0].body


@pytest.mark.parametrize(
    ("kind", "role", "act"),
    [
        ("admitted", "operator", admissibility.admit),
        ("exempt", "operator", admissibility.declare_exempt),
        ("ineligible", "operator", lambda call: admissibility.declare_ineligible(call, "Non")),
        ("rejected", "operator", ending.reject),
        ("abandoned", "operator", ending.abandon),
        ("refused_blocking", "operator", lambda call: ending.refuse(call, "blocking")),
        ("refused_not_lifted", "operator", lambda call: ending.refuse(call, "not_lifted")),
        ("withdrawn", "admissibility_officer", lambda call: ending.withdraw(call, None)),
        ("excluded", "operator", lambda call: ending.exclude(call, "Données réelles")),
        ("convention_sent", "legal_representative", convention.send),
        ("proof_reminder", "operator", proof.remind),
        ("significant_delay", "operator", lambda call: overdue.signal(call, "significant_delay")),
        ("admissibility_overdue", "process_owner",
         lambda call: overdue.signal(call, "admissibility_overdue")),
    ],
)  # fmt: skip
def test_each_act_tells_whom_it_concerns(desk: Desk, kind: str, role: str, act: object) -> None:
    dossier_id = desk.deposited()
    assert callable(act)
    act(desk.call(dossier_id))
    told = desk.told(dossier_id, kind)
    assert role in [found.role for found in told]
    assert all("{" not in found.subject + found.body for found in told)


def test_the_instruction_hears_of_proofs_and_of_a_withdrawal(desk: Desk) -> None:
    dossier_id = desk.submitted()
    ending.withdraw(desk.call(dossier_id), "Arrêt du service")
    assert [found.role for found in desk.told(dossier_id, "proof_file_submitted")] == ["instructor"]
    withdrawn = desk.told(dossier_id, "withdrawn")
    assert [found.role for found in withdrawn] == [
        "instructor",
        "legal_representative",
        "operator",
    ]
    assert f"Motif{NBSP}: Arrêt du service" in withdrawn[0].body


def test_a_deprioritised_operator_is_told_why(desk: Desk) -> None:
    dossier_id = desk.submitted()
    instruction_queue.deprioritise(desk.call(dossier_id))
    assert f"24{NBSP}heures" in desk.told(dossier_id, "deprioritised")[0].body


def test_an_overdue_flag_tells_only_once(desk: Desk) -> None:
    dossier_id = desk.deposited()
    for _ in range(2):
        overdue.signal(desk.call(dossier_id), "instruction_overdue")
    assert len(desk.told(dossier_id, "instruction_overdue")) == 2  # the instructor and the owner


def test_an_operator_reads_its_own_notifications_only(desk: Desk) -> None:
    own, other = desk.submitted(0), desk.deposited(1)
    desk.session.flush()
    alice = desk.operator(0)
    assert {n.role for n in notification.of_dossier(desk.session, own, alice)} == {
        "operator",
        "legal_representative",
    }
    assert {n.dossier_id for n in notification.inbox_of(desk.session, alice)} == {own}
    with pytest.raises(NotFound):
        notification.of_dossier(desk.session, other, alice)
    [foreign] = notification.inbox_of(desk.session, desk.operator(1))
    with pytest.raises(NotFound):
        notification.mark_read(desk.session, foreign.id, alice, desk.clock.now())
    notification.mark_read(desk.session, foreign.id, desk.operator(1), desk.clock.now())
    assert foreign.read_at == desk.clock.now()


def test_a_person_of_both_roles_reads_once_what_both_were_told(desk: Desk) -> None:
    desk.deposited(0)
    desk.session.flush()
    both = replace(desk.operator(0), roles=frozenset({"operator", "legal_representative"}))
    alone = replace(both, roles=frozenset({"legal_representative"}))
    for reader in (both, alone):
        [told] = notification.inbox_of(desk.session, reader)
        assert told.kind == "deposit_received"


def test_a_mail_reaches_the_declared_legal_representative_and_the_operators_own_people(
    desk: Desk,
) -> None:
    dossier_id = desk.deposited(0)
    for rank in (0, 1):
        person.add_person(
            desk.session,
            email=f"contact{rank}@example.fr",
            name="Contact",
            password=None,
            roles=["operator"],
            operator_id=desk.operator(rank).operator_id,
            at=desk.clock.now(),
        )
    at = desk.clock.now()
    reached = {
        role: [each.address for each in notification.recipients(desk.session, dossier_id, role, at)]
        for role in ("operator", "legal_representative")
    }
    assert reached == {
        "operator": ["contact0@example.fr"],
        "legal_representative": ["camille@example.fr"],
    }


@pytest.mark.parametrize(
    ("may_sign", "ends", "roles"),
    [
        (True, False, {"operator", "legal_representative"}),
        (False, False, {"operator"}),
        (True, True, set()),
    ],
)
def test_a_mandate_gives_its_mails_and_takes_them_when_it_ends(
    desk: Desk, may_sign: bool, ends: bool, roles: set[str]
) -> None:
    dossier_id = desk.deposited(0)
    operator_id = desk.operator().operator_id
    assert operator_id is not None
    people = [
        person.add_person(
            desk.session,
            email=f"{role}@example.fr",
            name=role,
            password=None,
            roles=[role],
            operator_id=operator_id,
            at=desk.clock.now(),
        )
        for role in ("legal_representative", "operator")
    ]
    head = person.actor_of(desk.session, people[0])
    today = paris_date(desk.clock.now())
    wanted = mandate.Grant(
        person_id=people[1].id, may_sign=may_sign, since=today, until=None, basis="Délégation"
    )
    given = mandate.grant(desk.session, head, wanted, desk.clock.now())
    if ends:
        mandate.revoke(desk.session, head, given.id, desk.clock.now())
    reached = {
        role
        for role in ("operator", "legal_representative")
        for each in notification.recipients(desk.session, dossier_id, role, desk.clock.now())
        if each.address == "operator@example.fr"
    }
    assert reached == roles
