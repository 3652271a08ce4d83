"""« Mon entreprise »: mandates given and revoked, and what they let people do and sign."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select
from stage import LEGAL, OFFICER, OPERATOR, STRANGER, Stage

from workflow import audit_log
from workflow.domain import mandate
from workflow.domain.convention import Convention
from workflow.domain.dossier import Dossier
from workflow.domain.mandate import Mandate
from workflow.domain.person import Actor
from workflow.engine import human_tasks
from workflow.engine.runtime import Runtime
from workflow.scenarios import defaults

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

BASIS = "Pouvoir du 2 novembre 2022"


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def mandated(stage: Stage, signed_in: SignedIn, **given: str) -> int:
    """The representative gives the operator's person a mandate; its id."""
    representative = signed_in(LEGAL)
    representative.open("/entreprise/mandats")
    typed = {
        "person": str(stage.who(OPERATOR).person_id),
        "may_sign": "yes",
        "since": "03/11/2022",
        "until": "",
        "basis": BASIS,
        **given,
    }
    assert "donné." in representative.post("/entreprise/mandats", **typed)
    with stage.runtime.database.reading() as session:
        found = session.scalar(select(Mandate.id).order_by(Mandate.id.desc()))
    assert found is not None
    return found


@pytest.mark.rule(83)
def test_a_mandated_colleague_signs_and_the_evidence_names_the_mandate(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.admitted()
    given = mandated(stage, signed_in)
    colleague = signed_in(OPERATOR)
    assert "mandataire, peut signer" in colleague.open("/accueil")
    address = f"/taches/{stage.task_id(dossier_id, 'sign_convention')}"
    assert colleague.open(address)
    assert colleague.page.status_code == 200
    with stage.runtime.database.reading() as session:
        actor = mandate.acting(session, stage.who(OPERATOR), stage.runtime.clock.now())
    _complete(stage, dossier_id, actor)
    with stage.runtime.database.reading() as session:
        signed = session.get_one(Convention, dossier_id)
        assert signed.mandate_id == given
        entries = audit_log.history_of(session, dossier_id, limit=500)
        facts = next(e.facts for e in entries if e.kind == "convention:signed")
    assert "mandataire" in facts["quality"]
    assert "M-2022-001" in facts["quality"]


def test_the_representative_signs_in_person_without_any_mandate(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.admitted()
    _complete(stage, dossier_id, stage.who(LEGAL))
    with stage.runtime.database.reading() as session:
        assert session.get_one(Convention, dossier_id).mandate_id is None
        entries = audit_log.history_of(session, dossier_id, limit=500)
        facts = next(e.facts for e in entries if e.kind == "convention:signed")
    assert facts["quality"] == "représentant légal"


@pytest.mark.rule(83)
def test_without_the_right_to_sign_a_colleague_does_the_rest(
    stage: Stage, signed_in: SignedIn
) -> None:
    mandated(stage, signed_in, may_sign="no")
    dossier_id = stage.deposit()
    stage.do(dossier_id, "check_admissibility", OFFICER)
    colleague = signed_in(OPERATOR)
    colleague.open(f"/taches/{stage.task_id(dossier_id, 'sign_convention')}")
    assert colleague.page.status_code == 403
    colleague.open(f"/taches/{stage.task_id(dossier_id, 'submit_proofs')}")
    assert colleague.page.status_code == 200


def test_a_revoked_mandate_stops_at_once_in_an_open_session(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.admitted()
    number, given = stage.number(dossier_id), mandated(stage, signed_in)
    colleague, representative = signed_in(OPERATOR), signed_in(LEGAL)
    assert number in colleague.open("/accueil")
    asked = representative.open(f"/entreprise/mandats/{given}/revoquer")
    assert "M-2022-001" in asked
    assert "Révoquer le mandat" in asked
    assert "révoqué." in representative.post(f"/entreprise/mandats/{given}/revoquer")
    home = colleague.open("/accueil")
    assert "Votre mandat a pris fin" in home
    assert number not in home
    for address in (
        f"/dossiers/{number}",
        f"/taches/{stage.task_id(dossier_id, 'sign_convention')}",
        f"/api/v1/dossiers/{number}",
    ):
        colleague.open(address)
        assert colleague.page.status_code in (403, 404), address
    colleague.open("/deposer")
    assert colleague.page.status_code == 403


def test_an_expired_mandate_stops_the_day_after_its_last(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.admitted())
    mandated(stage, signed_in, until="04/11/2022")
    colleague = signed_in(OPERATOR)
    stage.move_to("2022-11-04T23:59")
    assert number in colleague.open("/accueil")
    stage.move_to("2022-11-05T00:00")
    assert number not in colleague.open("/accueil")


def test_a_mandated_colleague_gives_no_mandate_and_revokes_none(
    stage: Stage, signed_in: SignedIn
) -> None:
    given = mandated(stage, signed_in)
    colleague = signed_in(OPERATOR)
    page = colleague.open("/entreprise")
    assert "M-2022-001" in page
    assert BASIS in page
    assert "Révoquer…" not in page
    assert "Donner un mandat" not in page
    for address in ("/entreprise/mandats", f"/entreprise/mandats/{given}/revoquer"):
        colleague.open(address)
        assert colleague.page.status_code == 403, address


def test_another_company_sees_neither_the_people_nor_the_mandates(
    stage: Stage, signed_in: SignedIn
) -> None:
    given, stranger = mandated(stage, signed_in), signed_in(STRANGER)
    page = stranger.open("/entreprise")
    assert "Nacre SAS" in page
    assert "Odile Renaudin" not in page
    assert "M-2022-001" not in page
    stranger.open(f"/entreprise/mandats/{given}/revoquer")
    assert stranger.page.status_code == 404


def test_what_is_mistyped_is_told_by_field(stage: Stage, signed_in: SignedIn) -> None:
    representative = signed_in(LEGAL)
    representative.open("/entreprise/mandats")
    page = representative.post("/entreprise/mandats", person="", since="hier", basis="")
    assert representative.page.status_code == 422
    assert "Choisissez si cette personne peut signer" in page
    assert "mal écrite" in page
    typed = {"may_sign": "no", "since": "01/11/2022", "basis": ""}
    page = representative.post("/entreprise/mandats", person="", **typed)
    assert "Choisissez une personne de votre entreprise" in page
    assert "ne commence pas dans le passé" in page
    assert "Indiquez l’acte qui donne ce mandat" in page


def test_who_cannot_sign_does_not_open_an_account_that_can(
    stage: Stage, signed_in: SignedIn
) -> None:
    operator = signed_in(OPERATOR)
    operator.open("/compte/inviter")
    page = operator.post("/compte/inviter", email="new@alize.example", role="legal_representative")
    assert operator.page.status_code == 422
    assert "Le rôle manque" in page
    assert "Représentant légal" in signed_in(LEGAL).open("/compte/inviter")


def test_a_colleague_is_invited_once_then_the_link_is_sent_again_or_taken_back(
    stage: Stage, signed_in: SignedIn, browser: Browser
) -> None:
    legal, operator = signed_in(LEGAL), signed_in(OPERATOR)
    colleague = {"email": "nouvelle@alize.example", "role": "legal_representative"}
    legal.open("/compte/inviter")
    first = link_in(legal.post("/compte/inviter", **colleague))
    page = legal.post("/compte/inviter", **colleague)
    assert (legal.page.status_code, "déjà invitée" in page) == (422, True)
    assert f"{stage.who(LEGAL).name}, aujourd’hui" in page
    place = "/entreprise/invitations/1"
    shown = operator.open("/entreprise")
    assert ("nouvelle@alize.example" in shown, f"{place}/renvoyer" in shown) == (True, False)
    for other in (operator, signed_in(STRANGER)):
        other.open("/entreprise")
        other.post(f"{place}/renvoyer")
        assert other.page.status_code == 404, "its link opens the account of someone who signs"
        other.post(f"{place}/retirer")
        assert other.page.status_code == 404
    assert f"{place}/renvoyer" in legal.open("/entreprise")
    second = link_in(legal.post(f"{place}/renvoyer"))
    assert "Ce lien n’est plus valable" in browser.open(first)
    assert "nouvelle@alize.example" in browser.open(second)
    legal.open("/entreprise")
    assert "Invitation retirée" in legal.post(f"{place}/retirer")
    browser.open(second)
    assert browser.page.status_code == 404
    assert "Les invitations en attente" not in legal.open("/entreprise")


def link_in(page: str) -> str:
    """The link of an invitation, as its page shows it."""
    return re.findall(r"/invitation/[^<\s]+", page)[0]


def _complete(stage: Stage, dossier_id: int, actor: Actor) -> None:
    with stage.runtime.database.reading() as session:
        dossier = session.get_one(Dossier, dossier_id)
        answer = defaults.of_task(session, "sign_convention", dossier)
    human_tasks.complete(stage.runtime, stage.task_id(dossier_id, "sign_convention"), answer, actor)
