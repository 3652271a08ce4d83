"""Candidatures in preparation on the pages: kept, listed, taken over from an earlier dossier."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from stage import LEGAL, OFFICER, OPERATOR, STRANGER, Stage

from workflow.domain import person
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

COLLEAGUE = "paule@alize.example"
COMMITMENTS = {
    f"commitment_{name}": "true"
    for name in ("functionality", "sincere_proofs", "process", "no_health_data", "no_security_risk")
}
WHOLE = {
    "company_name": "Messageries Alizé SAS",
    "siret": "12345678200010",
    "legal_representative_name": "Odile Renaudin",
    "legal_representative_email": "direction@alize.example",
    "legal_representative_phone": "01 99 00 12 34",
    "contact_name": "Nadia Ferrand",
    "service_name": "Alizé Connect",
    "service_version": "1.0",
    "dsr": "DSR-OPE-MSS",
    "profiles": "general",
    "planned_proof_on": "05/12/2022",
    "publication_authorised": "true",
    **COMMITMENTS,
}


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure, and a colleague of the operator's person."""
    stage = Stage.set_up(runtime)
    with runtime.database.transaction() as session:
        person.add_person(
            session,
            email=COLLEAGUE,
            name="Paule Berthier",
            password="demonstration-2022",
            roles=["operator"],
            operator_id=stage.who(OPERATOR).operator_id,
            at=runtime.clock.now(),
        )
    return stage


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def begin(operator: Browser, **typed: str) -> str:
    """Begin a candidature without JavaScript; the address of its page."""
    place = hidden(operator.open("/deposer"), "~place")
    fields = {"~place": place, "~draft": "0", **typed}
    operator.post("/deposer/brouillon", more=fields)
    assert "Brouillon enregistré à 9 h 40." in operator.text
    return f"/deposer?brouillon={place}"


def test_a_candidature_is_gone_on_with_by_a_colleague_and_is_no_deposit(
    stage: Stage, signed_in: SignedIn
) -> None:
    operator = signed_in(OPERATOR)
    address = begin(operator, service_name="Alizé Connect", service_version="1.0")
    assert 'value="Alizé Connect"' in operator.open(address)
    colleague = signed_in(COLLEAGUE)
    home = colleague.open("/accueil")
    assert "Votre candidature est commencée" in home
    assert "Alizé Connect 1.0" in home
    assert "Brouillon enregistré à 9 h 40. Par Nadia Ferrand." in home
    assert "réponses obligatoires sur 17 sont données" in home
    assert "clôture de la campagne, dans 19 jours" in home
    assert "Reprendre Alizé Connect 1.0" in colleague.open("/deposer")
    page = colleague.open(address)
    assert 'value="Alizé Connect"' in page
    place = hidden(page, "~place")
    leave = {**WHOLE, "~place": place, "~draft": "1", "~leave": "yes"}
    assert "Ce qui est attendu de vous" in colleague.post("/deposer/brouillon", more=leave)
    assert "17 réponses obligatoires sur 17 sont données." in colleague.text

    stranger = signed_in(STRANGER)
    assert "commencée" not in stranger.open("/accueil")
    stranger.open(address)
    assert stranger.page.status_code == 404
    stranger.open(f"/deposer/brouillon/{place}/supprimer")
    assert stranger.page.status_code == 404
    assert "commencée" not in signed_in(LEGAL).open("/accueil")

    page = operator.open(f"/deposer/brouillon/{place}/supprimer")
    assert "Supprimer ce brouillon" in page
    assert 'href="/deposer" aria-current="page"' in page
    operator.post(f"/deposer/brouillon/{place}/supprimer")
    assert "Brouillon supprimé." in operator.text
    assert "commencée" not in colleague.open("/accueil")


def test_a_deposited_candidature_is_no_draft_any_more_and_its_page_says_so(
    stage: Stage, signed_in: SignedIn
) -> None:
    operator = signed_in(OPERATOR)
    address = begin(operator, service_name="Alizé Connect")
    place = hidden(operator.open(address), "~place")
    wrong = {**WHOLE, "~place": place, "siret": "12345678200011"}
    page = operator.post(address, more=wrong)
    assert operator.page.status_code == 422
    assert "La clé de contrôle de ce SIRET est fausse." in page
    assert "commencée" in operator.open("/accueil")
    operator.open(address)
    assert "Candidature déposée." in operator.post(address, more={**WHOLE, "~place": place})
    assert "commencée" not in operator.open("/accueil")
    assert "Elle porte le numéro 2022-001." in operator.open(address)
    operator.open("/deposer")
    operator.post("/deposer/brouillon", more={"~place": place, "~draft": "1"})
    assert operator.page.status_code == 409


def test_a_new_candidature_takes_over_what_a_closed_dossier_said_and_has_it_read_again(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.deposit("Alizé Achat", service_version="3.1", profiles=["bal_app"])
    stage.do(dossier_id, "check_admissibility", OFFICER, outcome="ineligible")
    number = stage.number(dossier_id)
    operator = signed_in(OPERATOR)
    assert f"/deposer?reprise={number}" in operator.open(f"/dossiers/{number}")
    page = operator.open(f"/deposer?reprise={number}")
    for text in ("Alizé Achat", "3.1", "Messageries Alizé SAS"):
        assert f'value="{text}"' in page
    assert f"Repris du dossier {number}." in page
    assert "Repris de la fiche de votre entreprise." in page
    assert not re.search(r'name="(commitment_\w+|publication_authorised)"[^>]*checked', page)
    place = hidden(page, "~place")
    fields = {**WHOLE, "service_name": "Alizé Achat", "~place": place}
    page = operator.post(f"/deposer?reprise={number}", more=fields)
    assert operator.page.status_code == 422
    assert "Relisez ce qui est repris, puis cochez la case." in page
    assert 'href="#f-reread"' in page
    page = operator.post(f"/deposer?reprise={number}", more={**fields, "~reread": "yes"})
    assert "Candidature déposée." in page
    stranger = signed_in(STRANGER)
    stranger.open(f"/deposer?reprise={number}")
    assert stranger.page.status_code == 404


def test_a_refused_service_is_presented_again_once_it_was_read_again(
    stage: Stage, signed_in: SignedIn
) -> None:
    major = {"requirement": "DER-TLS-02", "nature": "major", "text": "Refuser TLS 1.1."}
    number = stage.number(stage.decided("blocking", [major]))
    operator = signed_in(OPERATOR)
    address = f"/dossiers/{number}/nouvelle-candidature"
    page = operator.open(address)
    assert "Repris tel quel" in page
    place = hidden(page, "~place")
    operator.post(f"{address}/brouillon", more={"~place": place, "service_version": "1.0"})
    assert "Brouillon enregistré" in operator.text
    home = operator.open("/accueil")
    assert f"{address}?brouillon={place}" in home
    fields = {
        "service_version": "1.0",
        "planned_proof_on": "05/12/2022",
        "publication_authorised": "true",
        "~place": place,
        "~reread": "yes",
        **COMMITMENTS,
    }
    operator.open(address)
    assert "Candidature déposée." in operator.post(address, more=fields)
    assert "commencée" not in operator.open("/accueil")


@pytest.mark.rule(48)
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("123 456 782 000", "Il manque 2 chiffres."),
        ("123 456 782 00010", "SIRET correct"),
        ("123 456 782 00011", "La clé de contrôle de ce SIRET est fausse."),
        ("123 456 782 0001O", "Un numéro SIRET a 14 chiffres."),
        ("356 000 000 00001", "établissements de La Poste"),
        ("", ""),
    ],
)
def test_a_siret_is_checked_as_it_is_typed(
    stage: Stage, signed_in: SignedIn, typed: str, said: str
) -> None:
    operator = signed_in(OPERATOR)
    page = operator.open("/siret", query_string={"siret": typed}, headers={"HX-Request": "true"})
    assert said in page
    assert bool(page.strip()) == bool(said)


def test_an_operator_reads_how_far_the_proof_file_is_and_what_is_missing_first(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.admitted()
    operator = signed_in(OPERATOR)
    for address in ("/accueil", f"/dossiers/{stage.number(dossier_id)}"):
        page = re.sub(r"<[^>]+>", "", operator.open(address))
        assert re.search(r"0 preuve sur 33\. +Manquent d’abord : +DER-\S+, +DER-", page)
        assert "Le questionnaire SSI reste à remplir." in page
    stage.fill_proofs(dossier_id)
    page = re.sub(r"<[^>]+>", "", operator.open("/accueil"))
    assert "33 preuves sur 33. Tout y est : il reste à déposer." in page


def test_a_newcomer_to_a_company_that_is_known_is_told_to_ask_for_an_invitation(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    with runtime.database.transaction() as session:
        person.add_person(
            session,
            email="nouvelle@ailleurs.example",
            name="Nouvelle venue",
            password="demonstration-2022",
            roles=["operator"],
            at=runtime.clock.now(),
        )
    newcomer = signed_in("nouvelle@ailleurs.example")
    place = hidden(newcomer.open("/deposer"), "~place")
    page = newcomer.post("/deposer", more={**WHOLE, "~place": place})
    assert newcomer.page.status_code == 409
    assert "Une entreprise a déjà ce SIRET ici." in page
    assert 'value="Alizé Connect"' in page
