"""Copies by mail, to a real server: once each, at once or by digest, through any outage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mailroom import CHIEF, CONTACT, INSTRUCTOR, Mailroom
from post_office import only, page_of, text_of, tls
from sqlalchemy import func, select

from web import mail_opt_out
from web.compose import carriers
from workflow import outbox
from workflow.db import Database
from workflow.domain.dossier import Dossier
from workflow.domain.mail_delivery import MailDelivery
from workflow.domain.notification import Notification
from workflow.domain.person import find_by_email
from workflow.outbox import LEASE, PAUSES, OutboxMessage
from workflow.scenarios import Procedure

pytestmark = pytest.mark.slow
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def room(database: Database, procedure: Procedure, tmp_path: Path) -> Mailroom:
    """A dossier that was just deposited, by a company whose contact has an account."""
    room = Mailroom(database, procedure, tmp_path)
    room.act(start="deposit_dossier")
    room.add(CONTACT, "operator")
    return room


def declared_address(room: Mailroom) -> str:
    with room.database.reading() as session:
        return session.scalars(select(Dossier.legal_representative_email)).one()


def told(room: Mailroom) -> int:
    with room.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Notification)) or 0


def test_what_is_notified_leaves_at_once_to_each_address_alone(room: Mailroom) -> None:
    with room.post.opened():
        room.sweep()
        room.sweep()
    [mail] = room.post.to(CONTACT)
    assert mail["To"] == CONTACT
    assert str(mail["Subject"]).replace("\u00a0", " ") == "Dossier 2022-001 : dépôt reçu"
    assert "La notification qui fait foi est celle que garde l’outil." in text_of(mail)
    assert "https://jalon.example/dossiers/2022-001" in text_of(mail)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["Content-Language"], mail["Reply-To"]) == ("fr", "jalon@localhost")
    assert mail["List-Unsubscribe"] is None
    [copy] = room.copies(CONTACT)
    assert (copy.state, copy.attempts, copy.reply_code) == ("sent", 1, 250)
    assert copy.message_id == mail["Message-ID"]
    [to_chief] = room.post.to(declared_address(room))
    assert "compte/courriels" not in text_of(to_chief)


def test_mails_of_one_sweep_travel_on_one_connection(room: Mailroom) -> None:
    room.act(complete="check_admissibility")
    with room.post.opened():
        room.sweep()
    assert len(room.post.mails) > 4
    assert room.post.connections == 1


def test_a_mail_has_a_page_that_fetches_nothing(room: Mailroom) -> None:
    with room.post.opened():
        room.sweep()
    page = page_of(room.post.to(CONTACT)[0])
    assert "Votre candidature" in page
    assert re.search(r"<img|<script|<link|url\(|@import", page) is None
    assert re.findall(r'href="([^"]+)"', page) == [
        "https://jalon.example/dossiers/2022-001",
        "https://jalon.example/compte/courriels",
    ]


def test_an_english_reader_has_the_english_first_and_the_french_that_counts(
    room: Mailroom,
) -> None:
    room.add("reader@alize.example", "operator", language="en")
    with room.post.opened():
        room.sweep()
    [mail] = room.post.to("reader@alize.example")
    assert mail["Subject"] == "Dossier 2022-001: application received"
    text = text_of(mail)
    assert text.index("Your application for the service") < text.index("French text alone")
    assert text.index("French text alone") < text.index("Votre candidature pour le service")
    assert "03/10/2022 at 09:00 (Paris time)" in text
    assert "This mail is a copy." in text
    assert "Ce courriel" not in text


def test_a_person_of_both_roles_has_one_copy(room: Mailroom) -> None:
    room.add(CHIEF, "operator")
    with room.database.transaction() as session:
        session.scalars(select(Dossier)).one().legal_representative_email = CHIEF
    with room.post.opened():
        room.sweep()
    assert len(room.post.to(CHIEF)) == 1


def test_a_digest_gathers_the_information_of_the_day_and_nothing_that_is_due(
    room: Mailroom,
) -> None:
    instructor = room.add(INSTRUCTOR, "instructor")
    room.choose(instructor, "digest")
    room.act(complete="check_admissibility")
    for task in ("sign_convention", "countersign_convention", "submit_proofs"):
        room.act(complete=task)
    room.act(dossier="B", start="deposit_dossier")
    for task in ("check_admissibility", "sign_convention", "countersign_convention"):
        room.act(dossier="B", complete=task)
    room.act(dossier="B", complete="submit_proofs")
    with room.post.opened():
        room.sweep()
        assert room.post.to(INSTRUCTOR) == []
        assert [copy.state for copy in room.copies(INSTRUCTOR)] == ["awaiting_digest"] * 2
        room.wait_until("2022-10-04T07:59")
        room.sweep()
        assert room.post.to(INSTRUCTOR) == []
        room.wait_until("2022-10-04T08:00")
        room.sweep()
        room.sweep()
        [mail] = room.post.to(INSTRUCTOR)
        room.wait_until("2022-10-05T08:00")
        room.sweep()
        assert len(room.post.to(INSTRUCTOR)) == 1
    assert "2 messages d’information" in str(mail["Subject"]).replace("\u00a0", " ")
    assert text_of(mail).count("a soumis un dossier de preuves complet") == 2
    assert "2022-001" in text_of(mail)
    assert "2022-002" in text_of(mail)
    assert [copy.state for copy in room.copies(INSTRUCTOR)] == ["digested", "digested", "sent"]


def test_what_is_legally_due_leaves_at_once_whatever_was_chosen(room: Mailroom) -> None:
    with room.database.reading() as session:
        contact = find_by_email(session, CONTACT)
        assert contact is not None
    room.choose(contact, "digest", "proof_reminder")
    room.act(complete="check_admissibility", **{"with": {"outcome": "solicit"}})
    with room.post.opened():
        room.sweep()
    assert len(room.post.to(CONTACT)) == 2
    assert {copy.state for copy in room.copies(CONTACT)} == {"sent"}


def test_what_was_read_in_the_tool_is_not_in_the_digest(room: Mailroom) -> None:
    instructor = room.add(INSTRUCTOR, "instructor")
    room.choose(instructor, "digest")
    for task in ("check_admissibility", "sign_convention", "countersign_convention"):
        room.act(complete=task)
    room.act(complete="submit_proofs")
    with room.post.opened():
        room.sweep()
        with room.database.transaction() as session:
            for each in session.scalars(
                select(Notification).where(Notification.role == "instructor")
            ):
                each.read_at = room.clock.now()
        room.wait_until("2022-10-04T08:00")
        room.sweep()
    assert room.post.to(INSTRUCTOR) == []
    assert [copy.state for copy in room.copies(INSTRUCTOR)] == ["read"]


def test_one_click_in_a_mail_declines_its_kind_and_no_other(room: Mailroom) -> None:
    room.add(INSTRUCTOR, "instructor")
    for task in ("check_admissibility", "sign_convention", "countersign_convention"):
        room.act(complete=task)
    room.act(complete="submit_proofs")
    with room.post.opened():
        room.sweep()
    [mail] = room.post.to(INSTRUCTOR)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(mail["List-Unsubscribe"]).strip("<>")
    token = address.removeprefix("https://jalon.example" + mail_opt_out.PATH)
    found = mail_opt_out.read(room.runtime.settings, token)
    assert found == (INSTRUCTOR, "proof_file_submitted")
    assert address in text_of(mail)


def test_a_day_without_mail_server_loses_nothing_and_doubles_nothing(room: Mailroom) -> None:
    room.act(complete="check_admissibility", **{"with": {"outcome": "solicit"}})
    for _ in range(24 * 4):
        room.sweep(15 * MINUTE)
    assert room.post.mails == []
    assert room.incidents() == []
    assert set(room.states()) <= {"queued", "retrying"}
    expected = sum(room.states().values())
    room.act(at="2022-10-04T09:00", complete="answer_admissibility_solicitation")
    with room.post.opened():
        for _ in range(8 * 4):
            room.sweep(15 * MINUTE)
    assert room.states() == {"sent": len(room.post.mails)}
    assert len(room.post.mails) > expected
    ids = [str(mail["Message-ID"]) for mail in room.post.mails]
    assert len(set(ids)) == len(ids)
    assert len(room.post.to(CONTACT)) == len(room.copies(CONTACT))


def test_an_outage_costs_one_try_of_one_mail_at_each_sweep(room: Mailroom) -> None:
    room.act(complete="check_admissibility")
    room.sweep()
    with room.database.reading() as session:
        tried = session.scalar(select(func.sum(MailDelivery.attempts)))
    assert tried == 1


def test_a_mailbox_that_is_busy_is_tried_again_under_the_same_id(room: Mailroom) -> None:
    address = declared_address(room)
    room.post.recipient_replies = ["451 try later"] * 10
    with room.post.opened():
        room.sweep()
        [busy] = room.copies(address)
        assert (busy.state, busy.failure, busy.reply_code) == ("retrying", "temporary", 451)
        assert "451 try later" in str(busy.last_error)
        room.post.recipient_replies = []
        room.sweep(PAUSES[0])
    [mail] = room.post.to(address)
    [copy] = room.copies(address)
    assert (copy.state, copy.attempts, copy.last_error) == ("sent", 2, None)
    assert mail["Message-ID"] == busy.message_id


def test_a_mailbox_that_does_not_exist_is_an_incident_at_once(room: Mailroom) -> None:
    room.post.recipient_replies = ["550 no such user"] * 10
    with room.post.opened():
        room.sweep()
    assert set(room.states()) == {"failed"}
    assert room.copies(CONTACT)[0].reply_code == 550
    assert all("550 no such user" in str(each.last_error) for each in room.incidents())


def test_a_server_that_hangs_up_after_the_text_gets_the_mail_again(room: Mailroom) -> None:
    room.post.drop_after_data = 1
    with room.post.opened():
        room.sweep()
        dropped = {state: count for state, count in room.states().items() if state != "sent"}
        assert dropped == {"retrying": 1}
        room.sweep(PAUSES[0])
    assert set(room.states()) == {"sent"}
    assert len(room.post.mails) == sum(room.states().values())


def test_three_days_without_server_are_an_incident_that_can_be_tried_again(
    room: Mailroom,
) -> None:
    for _ in range(len(PAUSES) * 8):
        room.sweep(timedelta(hours=6))
    assert set(room.states()) == {"failed"}
    assert len(room.incidents()) == sum(room.states().values())
    assert sum(PAUSES, timedelta(0)) >= timedelta(days=3)


def test_starttls_refuses_a_server_that_nobody_vouches_for(room: Mailroom, tmp_path: Path) -> None:
    context, trusted = tls(tmp_path)
    room.post.options = {"tls_context": context, "require_starttls": True}
    with room.post.opened():
        room.send_with(smtp_security="starttls")
        room.sweep()
        assert room.post.mails == []
        failures = {each.failure for each in room.copies(CONTACT)} | {
            each.failure for each in room.copies(declared_address(room))
        }
        assert "certificate" in failures
        room.send_with(smtp_security="starttls", smtp_ca_file=str(trusted))
        room.sweep(PAUSES[0])
    assert set(room.states()) == {"sent"}


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
def test_tls_from_the_first_byte_with_a_user(room: Mailroom, tmp_path: Path) -> None:
    context, trusted = tls(tmp_path)
    room.post.options = {
        "ssl_context": context,
        "auth_required": True,
        "auth_require_tls": False,
        "authenticator": only("jalon", "secret"),
    }
    safe = {"smtp_security": "tls", "smtp_ca_file": str(trusted), "smtp_user": "jalon"}
    with room.post.opened():
        room.send_with(**safe, smtp_password="wrong")
        room.sweep()
        assert room.post.mails == []
        assert "authentication" in {
            each.failure for each in room.copies(CONTACT) + room.copies(declared_address(room))
        }
        room.send_with(**safe, smtp_password="secret")
        room.sweep(PAUSES[0])
    assert set(room.states()) == {"sent"}


@pytest.mark.parametrize(
    "address", ["a@b.example\nBcc: c@d.example", "été@alize.example", "a@b.example,c@d.example"]
)
def test_an_address_that_would_write_headers_gets_nothing(room: Mailroom, address: str) -> None:
    with room.database.transaction() as session:
        session.scalars(select(Dossier)).one().legal_representative_email = address
    with room.post.opened():
        room.sweep()
    assert room.post.addressed
    assert all(each.endswith("example") and each.isascii() for each in room.post.addressed)
    assert {mail["To"] for mail in room.post.mails} == set(room.post.addressed)
    assert all(mail["Bcc"] is None for mail in room.post.mails)
    [copy] = room.copies(address)
    assert (copy.state, copy.failure) == ("failed", "bad_address")


def test_a_service_named_over_two_lines_writes_no_header(room: Mailroom) -> None:
    with room.database.transaction() as session:
        told = session.scalars(select(Notification)).all()
        for each in told:
            each.subject = "Dossier\r\nBcc: x@y.example"
    with room.post.opened():
        room.sweep()
    for mail in room.post.mails:
        assert mail["Bcc"] is None


def test_a_worker_that_dies_before_sending_is_followed_by_another(room: Mailroom) -> None:
    with room.database.transaction() as session:
        for row in session.scalars(select(OutboxMessage)):
            row.attempts, row.due_at = 1, room.system.now() + LEASE
    with room.post.opened():
        room.sweep()
        assert room.post.mails == []
        room.sweep(LEASE)
    assert room.states() == {"sent": len(room.post.mails)}
    assert len(room.post.to(CONTACT)) == 1


def test_a_worker_that_dies_once_a_mail_is_taken_sends_it_again_under_the_same_id(
    room: Mailroom,
) -> None:
    room.sweep()  # Makes the copies; nobody takes them yet.
    carrier = carriers(room.runtime, room.system)["mail"]

    def die_once_taken(payload: Mapping[str, Any]) -> None:
        carrier(payload)
        raise SystemExit

    room.system.move_to(room.system.now() + PAUSES[0])
    with room.post.opened():
        with pytest.raises(SystemExit):
            outbox.deliver(room.database, {"mail": die_once_taken}, room.system)
        [taken] = room.post.mails
        room.sweep(LEASE)
    assert isinstance(carrier, outbox.Carrier)
    carrier.close()
    again = room.post.to(str(taken["To"]))
    assert [mail["Message-ID"] for mail in again] == [taken["Message-ID"]] * 2
    assert room.states() == {"sent": len(room.post.mails) - 1}


def test_without_mail_server_the_copy_kept_in_the_tool_stands_alone(room: Mailroom) -> None:
    room.send_with(smtp_host="")
    room.sweep()
    assert room.states() == {}
    assert told(room) == 2
