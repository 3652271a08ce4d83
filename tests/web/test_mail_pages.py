"""The pages about mails: choosing, declining, their log, incidents, the texts of a campaign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from post_office import page_of, text_of
from sqlalchemy import select
from stage import ADMINISTRATOR, AUDITOR, INSTRUCTOR, OPERATOR, OWNER, Stage

from web import mail_letter, mail_opt_out
from web.compose import carriers
from web.notification_texts import SAMPLE
from workflow import outbox
from workflow.audit_log import HOUSE, AuditEntry
from workflow.clock import PARIS, VirtualClock
from workflow.domain import notification_template as templates
from workflow.domain.mail_delivery import MailDelivery
from workflow.domain.mail_preference import MailOptOut
from workflow.domain.notification import Notification
from workflow.domain.notification_texts import TEXTS
from workflow.engine.runtime import Runtime
from workflow.outbox import DeliveryRefused
from workflow.settings import Settings

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

TEXT = "/campagnes/dsr-ope-mss-2022/textes/admitted/fr"


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure, whose mails have nowhere to go."""
    runtime.settings = replace(runtime.settings, smtp_host="127.0.0.1", smtp_port=1)
    return Stage.set_up(runtime)


def house(runtime: Runtime, kind: str) -> list[AuditEntry]:
    with runtime.database.reading() as session:
        return list(
            session.scalars(
                select(AuditEntry).where(AuditEntry.chain == HOUSE, AuditEntry.kind == kind)
            )
        )


def fail_every_mail(stage: Stage, clock: VirtualClock) -> None:
    """Have the copies made, and each refused for good."""
    runtime = stage.runtime
    outbox.deliver(runtime.database, carriers(runtime, clock), clock)
    with runtime.database.transaction() as session:
        for row in session.scalars(select(outbox.OutboxMessage)):
            if row.kind == "mail":
                row.incident, row.last_error, row.attempts = True, "550 no such user", 1
        for copy in session.scalars(select(MailDelivery)):
            copy.state, copy.failure, copy.last_error = "failed", "refused", "550 no such user"


def test_a_person_chooses_a_digest_and_declines_a_kind(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    browser = signed_in(INSTRUCTOR)
    page = browser.open("/compte/courriels")
    assert "Dossier de preuves reçu" in page
    assert "décisions, sollicitations, dates" in page
    page = browser.post("/compte/courriels", rhythm="digest", wanted=["solicitation_answered"])
    assert "Choix enregistré." in page
    assert 'value="digest" checked' in page
    assert 'value="solicitation_answered" checked' in page
    assert 'value="proof_file_submitted" checked' not in page
    [entry] = house(runtime, "mail_preference:changed")
    assert entry.facts["rhythm"] == "digest"
    assert "proof_file_submitted" in entry.facts["declined"]
    browser.post("/compte/courriels", rhythm="weekly")
    assert browser.page.status_code == 422


def test_an_operator_is_not_offered_to_decline_what_is_due(
    stage: Stage, signed_in: SignedIn
) -> None:
    page = signed_in(OPERATOR).open("/compte/courriels")
    assert "Date prévisionnelle atteinte" in page
    assert "Décision du collège" not in page


def test_one_click_declines_without_signing_in(
    stage: Stage, app: Flask, browser_of: Callable[[Flask], Browser], runtime: Runtime
) -> None:
    address = mail_opt_out.address_of(runtime.settings, INSTRUCTOR, "proof_file_submitted")
    assert address is not None
    path = address.removeprefix(runtime.settings.base_url)
    visitor = browser_of(app)
    page = visitor.open(path)
    assert "Ne plus recevoir ces courriels ?" in page
    assert "dossier de preuves reçu" in page
    with runtime.database.reading() as session:
        assert session.scalars(select(MailOptOut)).all() == []
    answer = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    again = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert again.status_code == 200
    with runtime.database.reading() as session:
        kept = [(row.address, row.kind) for row in session.scalars(select(MailOptOut))]
    assert kept == [(INSTRUCTOR, "proof_file_submitted")]
    assert len(house(runtime, "mail:declined")) == 1


def test_an_address_that_is_not_ours_declines_nothing(
    stage: Stage, app: Flask, runtime: Runtime
) -> None:
    other = replace(runtime.settings, secret_key="another key")
    address = mail_opt_out.address_of(other, INSTRUCTOR, "*")
    assert address is not None
    path = address.removeprefix(runtime.settings.base_url)
    for method in ("get", "post"):
        answer = getattr(app.test_client(), method)(path)
        assert answer.status_code == 404
        assert "Rien n’est changé." in answer.text
    with runtime.database.reading() as session:
        assert session.scalars(select(MailOptOut)).all() == []


def test_what_is_due_is_not_declined_even_by_an_address_that_says_so(
    stage: Stage, app: Flask, runtime: Runtime
) -> None:
    address = mail_opt_out.address_of(runtime.settings, OPERATOR, "decision_award")
    assert address is not None
    app.test_client().post(address.removeprefix(runtime.settings.base_url))
    with runtime.database.reading() as session:
        assert session.scalars(select(MailOptOut)).all() == []


def test_an_administrator_sees_an_incident_and_tries_it_again(
    stage: Stage, signed_in: SignedIn, runtime: Runtime, system_clock: VirtualClock
) -> None:
    stage.deposit()
    fail_every_mail(stage, system_clock)
    browser = signed_in(ADMINISTRATOR)
    page = browser.open("/incidents")
    assert "dépôt reçu" in page
    assert "Le serveur de courriel refuse ce message ou cette adresse." in page
    assert "550 no such user" in page
    page = browser.open("/courriels?etat=failed")
    assert OPERATOR in page
    assert "Échec" in page
    browser.open("/incidents")
    page = browser.post("/incidents/relancer")
    assert "relancé" in page
    assert "Aucun incident." in page
    with runtime.database.reading() as session:
        assert set(session.scalars(select(MailDelivery.state))) == {"queued"}
    [entry] = house(runtime, "outbox:retried")
    assert "mail" in {each["topic"] for each in entry.facts["messages"]}


def test_an_incident_that_was_tried_again_meanwhile_is_no_incident(
    stage: Stage, signed_in: SignedIn, runtime: Runtime, system_clock: VirtualClock
) -> None:
    stage.deposit()
    fail_every_mail(stage, system_clock)
    browser = signed_in(ADMINISTRATOR)
    browser.open("/incidents")
    with runtime.database.reading() as session:
        first = outbox.incidents(session)[0].id
    browser.post(f"/incidents/{first}/relancer")
    assert browser.page.status_code == 200
    browser.post(f"/incidents/{first}/relancer")
    assert browser.page.status_code == 409


def test_an_auditor_reads_incidents_and_tries_nothing(
    stage: Stage, signed_in: SignedIn, system_clock: VirtualClock
) -> None:
    stage.deposit()
    fail_every_mail(stage, system_clock)
    browser = signed_in(AUDITOR)
    assert "Relancer" not in browser.open("/incidents")
    browser.post("/incidents/relancer")
    assert browser.page.status_code == 403
    stranger = signed_in(INSTRUCTOR)
    stranger.open("/incidents")
    assert stranger.page.status_code == 403


def test_a_secret_link_that_could_not_leave_is_not_shown(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    with runtime.database.transaction() as session:
        letter = {"to": "a@b.example", "subject": "Invitation", "body": "https://x/SECRET"}
        outbox.put(session, "mail", letter, runtime.clock.now())

    def refuse(_payload: object) -> None:
        raise DeliveryRefused("no")

    outbox.deliver(runtime.database, {"mail": refuse}, VirtualClock(runtime.clock.now()))
    page = signed_in(ADMINISTRATOR).open("/incidents")
    assert "a@b.example" in page
    assert "SECRET" not in page


def test_the_links_of_a_letter_open_from_the_mail() -> None:
    invitation, more = "https://x.example/invitation/a", "https://x.example/aide/1"
    letter = mail_letter.of_words("Invitation", f"Bonjour,\n{invitation}", address=more)
    at, settings = datetime(2022, 11, 3, tzinfo=PARIS), Settings()
    mail = mail_letter.message(letter, "a@b.example", "<1@x.example>", at, settings, is_copy=False)
    for address in (invitation, more):
        assert f'href="{address}"' in page_of(mail)
        assert address in text_of(mail)


def test_a_process_owner_changes_a_text_that_holds_for_what_comes(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    browser = signed_in(OWNER)
    assert "Recevable" in browser.open("/textes")
    assert "Votre dossier est complet et recevable." in browser.open(TEXT)
    page = browser.post(TEXT, subject="{number} : bienvenue", body="Bravo, {company} !")
    assert "Texte enregistré" in page
    assert "2022-014 : bienvenue" in page
    stage.admitted()
    with runtime.database.reading() as session:
        told = session.scalars(select(Notification).where(Notification.kind == "admitted")).all()
    assert {each.body for each in told} == {"Bravo, Messageries Alizé SAS !"}
    [entry] = house(runtime, "notification_template:changed")
    assert entry.facts["after"]["body"] == "Bravo, {company} !"
    assert "texte de la campagne" in browser.open("/textes")
    browser.open(TEXT)
    assert "Le texte d'origine est rétabli." in browser.post(f"{TEXT}/origine").replace("’", "'")
    assert len(house(runtime, "notification_template:reset")) == 1


def test_a_text_with_an_unknown_fact_is_refused_and_kept_as_typed(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    browser = signed_in(OWNER)
    browser.open(TEXT)
    page = browser.post(TEXT, subject="x", body="Votre salaire : {salary}")
    assert browser.page.status_code == 422
    assert "{salary} n’est pas un fait de cette notification." in page
    assert "Votre salaire : {salary}</textarea>" in page
    assert house(runtime, "notification_template:changed") == []


def test_a_preview_shows_what_is_typed_and_keeps_nothing(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    browser = signed_in(OWNER)
    browser.open(TEXT)
    page = browser.post(f"{TEXT}/apercu", subject="{number}", body="<b>{service}</b>")
    assert "<h3>2022-014</h3>" in page
    assert "&lt;b&gt;Alizé Santé Pro&lt;/b&gt;" in browser.page.text
    browser.open(TEXT)
    assert "n’est pas un fait" in browser.post(f"{TEXT}/apercu", subject="{x}", body="y")
    assert house(runtime, "notification_template:changed") == []


@pytest.mark.parametrize("kind", TEXTS)
def test_every_fact_of_a_text_has_a_fictitious_one_to_show(kind: str) -> None:
    assert set(templates.places(kind)) <= set(SAMPLE)


def test_only_a_process_owner_words_the_notifications(stage: Stage, signed_in: SignedIn) -> None:
    browser = signed_in(INSTRUCTOR)
    for address in ("/textes", TEXT):
        browser.open(address)
        assert browser.page.status_code == 403


def test_the_pages_about_mails_are_said_in_english_too(stage: Stage, signed_in: SignedIn) -> None:
    browser = signed_in(INSTRUCTOR)
    browser.post("/langue", language="en")
    page = browser.open("/compte/courriels")
    assert "In one e-mail a day, at 8:00 (Paris time)" in page
    assert "Proof file received" in page
