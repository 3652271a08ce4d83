"""A dossier's whole life, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from desk import Desk

from workflow.db import Database
from workflow.domain import (
    attestation,
    campaign,
    clock_ledger,
    college,
    deadline,
    dossier,
    instruction_queue,
    listing,
    notification,
    proof,
    solicitation,
)


def test_a_service_is_listed_and_found_in_the_register(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        dossier_id = desk.ready(verdict="conform")
        desk.decided(dossier_id, "award")
        college.notify_decision(desk.call(dossier_id), "award")
        number = listing.award(desk.call(dossier_id)).number
        attestation.issue(desk.call(dossier_id))
        listing.publish(desk.call(dossier_id))
        dossier.record_end(session, dossier_id, "listed", desk.clock.now())
    with database.reading() as session:
        assert [found.number for found in listing.register(session)] == [number]
        kept = dossier.get(session, dossier_id)
        assert (kept.profiles, kept.end, kept.ended_at) == (
            ["general"],
            "listed",
            desk.clock.now(),
        )


def test_the_queue_stands_in_the_same_order(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        first = desk.submitted(0)
        second = desk.at("2022-10-03T10:00").submitted(1)
        third = desk.at("2022-10-03T11:00").submitted(2)
        solicitation.send(desk.call(first), "instruction", ["Votre SIRET ?"])
        instruction_queue.deprioritise(desk.at("2022-10-04T11:00").call(first))
    with database.reading() as session:
        ordered = instruction_queue.ordered(session, desk.campaign.id)
        assert [entry.dossier_id for entry in ordered] == [second, third, first]
        assert solicitation.open_of(session, first) is not None


def test_a_clock_and_its_deadline_are_read_back_to_the_instant(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        dossier_id = desk.submitted()
        set_at = deadline.deadline(
            session,
            campaign=desk.campaign,
            dossier_id=dossier_id,
            key="instruction",
            start=None,
            now=desk.clock.now(),
        )
        clock_ledger.suspend(desk.at("2022-10-30T03:30").call(dossier_id), "instruction", "x")
    with database.reading() as session:
        record = deadline.find(session, set_at.deadline_id)
        assert record is not None
        assert record.fires_at == set_at.fires_at
        until = desk.clock.now() + timedelta(days=1)
        active = clock_ledger.active_time(session, dossier_id, "instruction", until)
        # 26 days and 18 h 30 by the wall clock, and the hour that the change gives back.
        assert active == timedelta(days=26, hours=19, minutes=30)


def test_numbers_follow_one_another_over_transactions(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        desk.deposited(0)
    with database.transaction() as session:
        later = Desk.opened(session, tmp_path)
        assert later.dossier(later.deposited(1)).number == "2022-002"


def test_lists_are_read_the_same(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        own, _ = desk.submitted(0), desk.deposited(1)
    with database.reading() as session:
        alice = desk.operator_of(session, own)
        assert [found.id for found in dossier.list_for(session, alice)] == [own]
        assert {told.dossier_id for told in notification.inbox_of(session, alice)} == {own}
        assert proof.completeness(session, dossier.get(session, own)).is_complete
        assert campaign.all_active(session)[0].version_id == desk.campaign.version_id
