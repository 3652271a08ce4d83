"""The administrator's place: accounts and roles, invitations, tokens, health, closed days."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select

from api import token_door
from tests.web.conftest import Browser
from tests.web.stage import (
    ADMINISTRATOR,
    AUDITOR,
    INSTRUCTOR,
    OPERATOR,
    OWNER,
    Stage,
)
from tests.web.test_dossiers import statements
from web.demo_accounts import DEMO_PASSWORD
from workflow import outbox
from workflow.audit_log import AuditEntry
from workflow.clock import VirtualClock
from workflow.domain import campaign as campaigns
from workflow.domain import person
from workflow.domain.account_invitation import Invitation
from workflow.domain.mail_delivery import TOPIC
from workflow.engine import house_check
from workflow.engine.house_check import SweepMark
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import Timer

if TYPE_CHECKING:
    SignedIn = Callable[[str], Browser]

MOST_STATEMENTS = 12
PAGES = (
    "/administration",
    "/personnes",
    "/personnes/1",
    "/personnes/1/roles",
    "/administration/organisations",
    "/administration/invitations",
    "/administration/jetons",
    "/administration/connexion",
    "/administration/sante",
)


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


@pytest.fixture
def administrator(stage: Stage, signed_in: SignedIn) -> Browser:
    """The demo's administrator, at work."""
    return signed_in(ADMINISTRATOR)


def number_of(runtime: Runtime, email: str) -> int:
    with runtime.database.reading() as session:
        found = person.find_by_email(session, email)
        assert found is not None
        return found.id


def facts(runtime: Runtime, kind: str) -> list[dict[str, object]]:
    with runtime.database.reading() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.kind == kind))
        return [row.facts for row in rows]


def test_everything_of_the_administrator_is_one_click_away(administrator: Browser) -> None:
    page = administrator.open("/administration")
    assert 'aria-current="page">Administration' in page
    for title in (
        "Personnes et rôles",
        "Organisations",
        "Invitations en attente",
        "Jetons d’accès",
        "Moyens de connexion",
        "État de santé",
        "Incidents",
        "Courriels",
        "Jours fériés et fermetures",
        "Paramètres",
    ):
        link = re.search(rf'<a href="([^"]+)">{title}</a>', page)
        assert link is not None, title
        administrator.open(link[1])
        assert administrator.page.status_code == 200, title


@pytest.mark.parametrize("address", [*PAGES, "/administration/fermetures"])
def test_a_page_of_the_administrator_reads_few_statements(
    administrator: Browser, runtime: Runtime, address: str
) -> None:
    with statements(runtime) as sent:
        administrator.open(address)
    assert administrator.page.status_code == 200
    assert len(sent) <= MOST_STATEMENTS, sent


@pytest.mark.parametrize("email", [OPERATOR, INSTRUCTOR, AUDITOR, OWNER])
def test_nobody_else_reads_the_administrators_pages(
    stage: Stage, signed_in: SignedIn, email: str
) -> None:
    someone = signed_in(email)
    for address in PAGES:
        someone.open(address)
        assert someone.page.status_code == 403, address
    assert ">Administration</a>" not in someone.open("/accueil")


def test_a_deactivated_person_is_out_at_once_and_stays_out_when_back(
    runtime: Runtime, administrator: Browser, signed_in: SignedIn, system_clock: VirtualClock
) -> None:
    instructor = signed_in(INSTRUCTOR)
    who = stage_actor(runtime, INSTRUCTOR)
    token = token_door.create(runtime, who, "Tableau de bord", system_clock.now())
    address = f"/personnes/{who.person_id}"
    administrator.open(f"{address}/desactiver")
    administrator.post(f"{address}/desactiver")
    instructor.open("/accueil")
    assert instructor.page.request.path == "/connexion"
    assert facts(runtime, "account:deactivated") == [{"email": INSTRUCTOR, "tokens_revoked": 1}]
    administrator.open(f"{address}/reactiver")
    assert "Compte réactivé" in administrator.post(f"{address}/reactiver")
    instructor.open("/accueil")
    assert instructor.page.request.path == "/connexion"
    assert token_door.actor_by(runtime, token, system_clock.now()) is None
    assert "Claire Danjou" in instructor.sign_in(INSTRUCTOR, DEMO_PASSWORD)
    assert facts(runtime, "account:reactivated") == [{"email": INSTRUCTOR}]


def stage_actor(runtime: Runtime, email: str) -> person.Actor:
    with runtime.database.reading() as session:
        found = person.find_by_email(session, email)
        assert found is not None
        return person.actor_of(session, found)


def test_roles_change_after_a_confirmation_that_says_what_changes(
    runtime: Runtime, administrator: Browser
) -> None:
    address = f"/personnes/{number_of(runtime, INSTRUCTOR)}/roles"
    administrator.open(address)
    page = administrator.post(address, more={"roles": ["auditor", "support"]})
    assert "Reçoit le rôle : auditeur" in page
    assert "Perd le rôle : instructeur" in page
    assert stage_actor(runtime, INSTRUCTOR).roles == {"instructor"}
    page = administrator.post(address, more={"roles": ["auditor", "support"], "confirmed": "yes"})
    assert "Rôles changés : Claire Danjou." in page
    assert stage_actor(runtime, INSTRUCTOR).roles == {"auditor", "support"}
    assert facts(runtime, "account:roles_changed") == [
        {"email": INSTRUCTOR, "before": ["instructor"], "after": ["auditor", "support"]}
    ]


@pytest.mark.parametrize("roles", [[], ["instructor"], ["operator"], ["emperor"]])
def test_roles_that_do_not_fit_are_refused(
    runtime: Runtime, administrator: Browser, roles: list[str]
) -> None:
    address = f"/personnes/{number_of(runtime, INSTRUCTOR)}/roles"
    administrator.open(address)
    administrator.post(address, more={"roles": roles, "confirmed": "yes"})
    assert administrator.page.status_code == 422
    assert stage_actor(runtime, INSTRUCTOR).roles == {"instructor"}


def test_a_companys_person_never_gets_a_role_of_the_agency(
    runtime: Runtime, administrator: Browser
) -> None:
    address = f"/personnes/{number_of(runtime, OPERATOR)}/roles"
    page = administrator.open(address)
    assert 'value="legal_representative"' in page
    assert 'value="administrator"' not in page
    administrator.post(address, more={"roles": ["operator", "instructor"], "confirmed": "yes"})
    assert administrator.page.status_code == 422
    assert stage_actor(runtime, OPERATOR).roles == {"operator"}


def test_an_administrator_keeps_their_own_role(runtime: Runtime, administrator: Browser) -> None:
    address = f"/personnes/{number_of(runtime, ADMINISTRATOR)}/roles"
    administrator.open(address)
    administrator.post(address, more={"roles": ["auditor"], "confirmed": "yes"})
    assert administrator.page.status_code == 409
    assert stage_actor(runtime, ADMINISTRATOR).roles == {"administrator"}


def test_an_invitation_is_sent_again_with_a_new_link_then_withdrawn(
    runtime: Runtime, administrator: Browser, browser: Browser, system_clock: VirtualClock
) -> None:
    administrator.open("/compte/inviter")
    first = link_in(
        administrator.post("/compte/inviter", email="neuve@ans.example", role="instructor")
    )
    system_clock.move_to(system_clock.now() + timedelta(days=8))
    administrator.sign_in(ADMINISTRATOR)
    page = administrator.open("/administration/invitations")
    assert "neuve@ans.example" in page
    assert "Expirée" in page
    place = f"/administration/invitations/{invitation(runtime).id}"
    second = link_in(administrator.post(f"{place}/renvoyer"))
    assert second != first
    browser.open(first)
    assert browser.page.status_code == 404
    assert "Valable" in administrator.open("/administration/invitations")
    assert "Invitation retirée" in administrator.post(f"{place}/retirer")
    browser.open(second)
    assert browser.page.status_code == 404
    assert "Aucune invitation en attente" in administrator.open("/administration/invitations")
    assert len(facts(runtime, "account:invitation_renewed")) == 1
    assert len(facts(runtime, "account:invitation_withdrawn")) == 1
    administrator.post(f"{place}/renvoyer")
    assert administrator.page.status_code == 404


def link_in(page: str) -> str:
    found = re.search(r"(/invitation/[\w-]+)", page)
    assert found is not None
    return found[1]


def invitation(runtime: Runtime) -> Invitation:
    with runtime.database.reading() as session:
        return session.scalars(select(Invitation)).one()


def test_a_token_of_anybody_is_revoked(
    runtime: Runtime, administrator: Browser, system_clock: VirtualClock
) -> None:
    token = token_door.create(
        runtime, stage_actor(runtime, AUDITOR), "Contrôle mensuel", system_clock.now()
    )
    assert "jamais" in administrator.open("/administration/jetons")
    assert token_door.actor_by(runtime, token, system_clock.now()) is not None
    page = administrator.open("/administration/jetons")
    assert "Contrôle mensuel" in page
    assert "05/01/2026" in page
    place = re.search(r'href="(/administration/jetons/\d+/revoquer)"', page)
    assert place is not None
    assert "Contrôle mensuel" in administrator.open(place[1])
    assert "Il n’agit plus pour Édith Poncet." in administrator.post(place[1])
    assert token_door.actor_by(runtime, token, system_clock.now()) is None
    assert facts(runtime, "account:token_revoked") == [
        {"label": "Contrôle mensuel", "email": AUDITOR}
    ]


def test_organisations_show_their_people_and_dossiers(stage: Stage, administrator: Browser) -> None:
    stage.deposit()
    page = administrator.open("/administration/organisations")
    row = page.split("Messageries Alizé SAS")[1].split("</tr>")[0]
    assert "Nadia Ferrand" in row
    assert "Odile Renaudin" in row
    assert "1 dossier" in row
    assert "dont 1 en cours" in row
    assert "aucun dossier" in page.split("Nacre SAS")[1].split("</tr>")[0]
    for sought in ("nacre", "987 654"):
        found = administrator.open(f"/administration/organisations?q={sought}")
        assert ("Nacre SAS" in found, "Messageries Alizé" in found) == (True, False)


def test_people_are_found_by_name_and_by_company(administrator: Browser) -> None:
    page = administrator.open("/personnes?q=danjou")
    assert "Claire Danjou" in page
    assert "Nadia Ferrand" not in page
    assert "Nadia Ferrand" in administrator.open("/personnes?q=Alizé")
    assert "Personne ne correspond" in administrator.open("/personnes?q=zzz")


def check_row(page: str, title: str) -> str:
    return page.split(title)[1].split("</tr>")[0]


def test_health_says_when_no_worker_comes_by(
    runtime: Runtime, administrator: Browser, system_clock: VirtualClock
) -> None:
    assert "Aucun passage connu" in administrator.open("/administration/sante")
    SweepMark(runtime.database, system_clock)()
    assert "1 exécutant au travail" in administrator.open("/administration/sante")
    system_clock.move_to(system_clock.now() + timedelta(minutes=10))
    page = administrator.open("/administration/sante")
    assert "Plus aucun passage" in page
    assert "Lancez « jalon work »" in check_row(page, "Passages de l’exécutant")


def test_a_worker_that_is_gone_is_forgotten(runtime: Runtime, system_clock: VirtualClock) -> None:
    SweepMark(runtime.database, system_clock, name="worker:old:1")()
    system_clock.move_to(system_clock.now() + timedelta(days=2))
    SweepMark(runtime.database, system_clock, name="worker:new:2")()
    with runtime.database.reading() as session:
        assert [each.name for each in house_check.latest(session)] == ["worker:new:2"]


def test_health_counts_late_timers_and_incidents(
    stage: Stage, runtime: Runtime, administrator: Browser
) -> None:
    assert "Aucun en retard" in administrator.open("/administration/sante")
    dossier_id = stage.deposit()
    with runtime.database.transaction() as session:
        timer = session.scalars(select(Timer).where(Timer.dossier_id == dossier_id)).first()
        assert timer is not None
        timer.due_at = runtime.clock.now() - timedelta(hours=1)
        outbox.put(session, TOPIC, {"to": "x@y.example", "subject": "S"}, runtime.clock.now())
        session.flush()
        lost = session.scalars(select(outbox.OutboxMessage)).all()[-1]
        lost.incident = True
    page = administrator.open("/administration/sante")
    assert "1 délai échu attend encore" in page
    assert "1 incident" in check_row(page, "Boîte d’envoi")
    assert "points à traiter" in page
    assert "1 incident" in check_row(administrator.open("/administration"), "Incidents")


def test_health_tells_how_the_history_was_checked_last(
    runtime: Runtime, administrator: Browser, system_clock: VirtualClock
) -> None:
    assert "Jamais faite ici" in administrator.open("/administration/sante")
    for is_sound, words in ((True, "Intact"), (False, "Une chaîne est altérée")):
        with runtime.database.transaction() as session:
            house_check.note(
                session,
                house_check.HISTORY,
                system_clock.now(),
                is_sound=is_sound,
                facts={"entries": 42},
            )
        page = administrator.open("/administration/sante")
        assert words in page
        assert "42 faits" in page


def test_a_check_of_the_history_grows_old(
    runtime: Runtime, signed_in: SignedIn, system_clock: VirtualClock
) -> None:
    with runtime.database.transaction() as session:
        nine_days_ago = system_clock.now() - timedelta(days=9)
        house_check.note(session, house_check.HISTORY, nine_days_ago, is_sound=True, facts={})
    assert "Intact, mais ancien" in signed_in(ADMINISTRATOR).open("/administration/sante")


def test_health_tells_of_a_scanner_a_seal_and_a_mail_server_that_fail(
    runtime: Runtime, administrator: Browser
) -> None:
    runtime.settings = replace(
        runtime.settings,
        clamav="tcp:127.0.0.1:9",
        seal_certificate="/nowhere/seal.p12",
        smtp_host="mail.example",
    )
    page = administrator.open("/administration/sante")
    assert "Ne répond pas" in check_row(page, "Antivirus")
    assert "Ne peut pas être ouvert" in check_row(page, "Certificat de cachet")
    assert "Aucun envoi encore" in check_row(page, "Serveur de courriel")


def test_closed_days_are_named_and_the_college_moves(stage: Stage, administrator: Browser) -> None:
    page = administrator.open("/administration/fermetures")
    assert "Vendredi 11 novembre" in page
    assert "Lundi de Pâques" in page
    ascension = check_row(page, "Jeudi 18 mai")
    assert "Ascension" in ascension
    assert "Séance avancée" in ascension
    assert "mercredi 17 mai 2023, 10 h 00" in ascension
    assert "/campagnes/dsr-ope-mss-2022/parametres/modifier" in page


def test_a_closure_shows_with_the_session_it_moves(
    stage: Stage, runtime: Runtime, administrator: Browser
) -> None:
    change = {"closed_days": ["2022-11-10"]}
    with runtime.database.transaction() as session:
        campaigns.change(session, stage.campaign.id, change, runtime.clock.now(), None)
    page = administrator.open("/administration/fermetures")
    closed = check_row(page, "Jeudi 10 novembre")
    assert "Fermeture de l’Agence" in closed
    assert "mercredi 9 novembre 2022" in closed


def test_the_support_reads_closed_days_and_the_operators_side_does_not(
    stage: Stage, signed_in: SignedIn
) -> None:
    assert "Jours fériés" in signed_in("assistance@ans.example").open("/administration/fermetures")
    operator = signed_in(OPERATOR)
    operator.open("/administration/fermetures")
    assert operator.page.status_code == 403


def test_the_administrators_pages_speak_english(administrator: Browser) -> None:
    administrator.open("/administration")
    administrator.post("/langue", language="en", to="/administration/sante")
    page = administrator.open("/administration/sante")
    assert "What to do" in page
    assert "Que faire" not in page
