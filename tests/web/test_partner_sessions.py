"""An invited partner reads its session's agenda and synthesis, and nothing else (rule 67)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select
from stage import (
    ATTENDANCE,
    INSTRUCTOR,
    MEMBER,
    OWNER,
    PARTNER,
    PRESIDENT,
    Stage,
)

from workflow import audit_log
from workflow.domain.college import CollegeSession
from workflow.domain.dossier import Dossier
from workflow.engine import human_tasks, messages
from workflow.engine.runtime import Runtime
from workflow.scenarios import defaults

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

COMMENT = "commentaire-interne-de-l-instruction"


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def sitting(stage: Stage) -> int:
    """The session that is still to be held."""
    with stage.runtime.database.reading() as session:
        found = session.scalar(select(CollegeSession.id).where(CollegeSession.held_at.is_(None)))
    assert found is not None
    return found


def invited(stage: Stage, signed_in: SignedIn, by: str = PRESIDENT) -> str:
    """The partner is invited to the next session; its address."""
    inviting = signed_in(by)
    address = f"/college/seances/{sitting(stage)}/partenaires"
    inviting.open(address)
    person = str(stage.who(PARTNER).person_id)
    page = inviting.post(address, person=person, organisation="CNDA")
    assert "Invitation enregistrée" in page
    return f"/seances/{sitting(stage)}"


@pytest.mark.rule(67)
@pytest.mark.parametrize("by", [PRESIDENT, OWNER])
def test_the_president_or_the_process_owner_invites_a_partner(
    stage: Stage, signed_in: SignedIn, by: str
) -> None:
    assert "Partenaires invités…" in signed_in(by).open("/college")
    invited(stage, signed_in, by)
    with stage.runtime.database.reading() as session:
        last = audit_log.latest_of(session, None, limit=1)[0]
    assert last.kind == "partner:invited"
    assert last.facts["organisation"] == "CNDA"


@pytest.mark.rule(67)
def test_an_invited_partner_reads_the_agenda_and_the_synthesis(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.instructed()
    address = invited(stage, signed_in)
    partner = signed_in(PARTNER)
    assert "Séance 1" in partner.open("/accueil"), "home is the list of sessions"
    page = partner.open(address)
    assert stage.number(dossier_id) in page
    assert "Vous assistez à la séance pour CNDA, sans voix" in page
    one = partner.open(f"{address}/dossiers/{stage.number(dossier_id)}")
    assert "Conforme (" in one
    assert "ne sont pas communiqués aux partenaires" in one
    found = partner.client.get(f"/api/v1/college-invitations/{sitting(stage)}").get_json()
    assert found["organisation"] == "CNDA"
    assert [each["number"] for each in found["agenda"]] == [stage.number(dossier_id)]
    assert set(found["agenda"][0]["verdicts"]) == {"conform"}


@pytest.mark.rule(76)
def test_a_dossier_that_is_not_on_the_agenda_does_not_exist_for_the_partner(
    stage: Stage, signed_in: SignedIn
) -> None:
    ready, early = stage.instructed(), stage.submitted("Brise")
    address = invited(stage, signed_in)
    partner = signed_in(PARTNER)
    assert "Brise" not in partner.open(address)
    for number in (stage.number(early), "2022-999"):
        partner.open(f"{address}/dossiers/{number}")
        assert partner.page.status_code == 404
    for number in (stage.number(early), stage.number(ready)):
        for path in (f"/dossiers/{number}", f"/api/v1/dossiers/{number}"):
            partner.open(path)
            assert partner.page.status_code == 404, path
    assert partner.client.get("/api/v1/dossiers").get_json()["items"] == []


@pytest.mark.rule(76, 77)
def test_neither_comments_nor_proofs_nor_ssi_answers_are_told_to_the_partner(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.submitted()
    with stage.runtime.database.reading() as session:
        dossier = session.get_one(Dossier, dossier_id)
        verdicts = defaults.of_task(session, "instruct_dossier", dossier)["verdicts"]
    refused = [{**verdicts[0], "verdict": "not_conform", "comment": COMMENT}, *verdicts[1:]]
    stage.do(dossier_id, "instruct_dossier", INSTRUCTOR, verdicts=refused)
    address, partner = invited(stage, signed_in), signed_in(PARTNER)
    one = partner.open(f"{address}/dossiers/{stage.number(dossier_id)}")
    assert verdicts[0]["requirement"] in one
    for path in (address, f"{address}/dossiers/{stage.number(dossier_id)}"):
        assert COMMENT not in partner.open(path)
    said = partner.client.get(f"/api/v1/college-invitations/{sitting(stage)}")
    assert COMMENT not in said.get_data(as_text=True)


def test_the_session_closes_and_the_partner_reads_nothing_more(
    stage: Stage, signed_in: SignedIn
) -> None:
    stage.instructed()
    address = invited(stage, signed_in)
    session_id = sitting(stage)
    messages.convene(stage.runtime, stage.campaign.id, stage.who(PRESIDENT))
    partner = signed_in(PARTNER)
    assert "Ordre du jour" in partner.open(address)
    human_tasks.complete(
        stage.runtime,
        stage.task_id(None, "hold_session"),
        {"attendance": ATTENDANCE, "decisions": []},
        stage.who(PRESIDENT),
    )
    partner.open(address)
    assert partner.page.status_code == 404
    assert partner.client.get(f"/api/v1/college-invitations/{session_id}").status_code == 404
    assert "Aucune invitation en cours" in partner.open("/seances")


def test_the_attendance_begins_with_the_partners_who_were_invited(
    stage: Stage, signed_in: SignedIn
) -> None:
    invited(stage, signed_in)
    messages.convene(stage.runtime, stage.campaign.id, stage.who(PRESIDENT))
    page = signed_in(PRESIDENT).open(f"/taches/{stage.task_id(None, 'hold_session')}")
    assert 'name="partners.0.name"' in page
    assert "Fanny Legrand" in page


def test_a_withdrawn_invitation_opens_nothing(stage: Stage, signed_in: SignedIn) -> None:
    address, president = invited(stage, signed_in), signed_in(PRESIDENT)
    president.open(f"/college/seances/{sitting(stage)}/partenaires")
    assert "Invitation retirée" in president.post("/college/invitations/1/retirer")
    partner = signed_in(PARTNER)
    partner.open(address)
    assert partner.page.status_code == 404


@pytest.mark.rule(76)
def test_a_partner_who_is_not_invited_finds_no_session(stage: Stage, signed_in: SignedIn) -> None:
    stage.instructed()
    partner = signed_in(PARTNER)
    partner.open(f"/seances/{sitting(stage)}")
    assert partner.page.status_code == 404
    for path in ("/college", "/file", f"/college/seances/{sitting(stage)}/partenaires"):
        partner.open(path)
        assert partner.page.status_code == 403, path


def test_only_partners_with_an_account_and_organisations_of_the_campaign_are_invited(
    stage: Stage, signed_in: SignedIn
) -> None:
    president = signed_in(PRESIDENT)
    address = f"/college/seances/{sitting(stage)}/partenaires"
    president.open(address)
    member = str(stage.who(MEMBER).person_id)
    page = president.post(address, person=member, organisation="ACME")
    assert president.page.status_code == 422
    assert "Choisissez une personne d’un partenaire" in page
    assert "Choisissez l’organisme" in page
    invited(stage, signed_in)
    president.open(address)
    again = president.post(address, person=str(stage.who(PARTNER).person_id), organisation="CNDA")
    assert "déjà invitée" in again


def test_a_member_of_the_college_invites_nobody(stage: Stage, signed_in: SignedIn) -> None:
    member = signed_in(MEMBER)
    assert "Partenaires invités…" not in member.open("/college")
    member.open(f"/college/seances/{sitting(stage)}/partenaires")
    assert member.page.status_code == 403
