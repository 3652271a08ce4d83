"""The public register as it stood, what changed in it, and what it may announce (DSR 4.2, 4.5)."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from desk import Desk, paris
from sqlalchemy.orm import Session

from workflow.db import Database
from workflow.domain import dossier, listing, register
from workflow.errors import Conflict


def listed(desk: Desk, rank: int, at: str) -> int:
    dossier_id = desk.at(at).submitted(rank)
    listing.award(desk.call(dossier_id))
    listing.publish(desk.call(dossier_id))
    return dossier_id


def shown(session: Session, at: datetime) -> list[tuple[str, str]]:
    return [(entry.service_name, entry.status) for entry in register.entries(session, at)]


def test_the_register_is_read_as_it_stood(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        first = listed(desk, 0, "2022-12-01T10:00")
        listed(desk, 1, "2022-12-08T10:00")
        listing.change_status(
            desk.at("2022-12-15T10:00").call(first), "suspended", "Contrôle en cours."
        )
        listing.change_status(desk.at("2022-12-22T10:00").call(first), "revoked", "Manquement.")
    with database.reading() as session:
        assert shown(session, paris("2022-12-01T09:59")) == []
        assert shown(session, paris("2022-12-01T10:00")) == [("Messagerie 0", "active")]
        assert shown(session, paris("2022-12-14T10:00")) == [
            ("Messagerie 0", "active"),
            ("Messagerie 1", "active"),
        ]
        assert shown(session, paris("2022-12-15T10:00"))[0] == ("Messagerie 0", "suspended")
        assert shown(session, paris("2022-12-22T10:00"))[0] == ("Messagerie 0", "revoked")


def test_two_dates_tell_what_was_added_withdrawn_and_suspended(desk: Desk) -> None:
    first = listed(desk, 0, "2022-12-01T10:00")
    second = listed(desk, 1, "2022-12-02T10:00")
    before = register.entries(desk.session, paris("2022-12-03T00:00"))
    listed(desk, 2, "2022-12-08T10:00")
    listing.change_status(desk.call(first), "revoked", "Manquement.")
    listing.change_status(desk.call(second), "suspended", "Contrôle en cours.")
    changed = register.compare(before, register.entries(desk.session, desk.clock.now()))
    assert [entry.service_name for entry in changed.added] == ["Messagerie 2"]
    assert [entry.service_name for entry in changed.withdrawn] == ["Messagerie 0"]
    assert [(c.before, c.entry.service_name) for c in changed.changed] == [
        ("active", "Messagerie 1")
    ]
    assert register.compare(before, before).is_empty


@pytest.mark.rule(79)
def test_a_revoked_number_stays_revoked_and_in_the_register(desk: Desk) -> None:
    dossier_id = listed(desk, 0, "2022-12-01T10:00")
    listing.change_status(desk.call(dossier_id), "revoked", "Manquement.")
    with pytest.raises(Conflict):
        listing.change_status(desk.call(dossier_id), "active", "Erreur.")
    assert len(register.entries(desk.session, desk.clock.now())) == 1


@pytest.mark.rule(49)
def test_only_an_authorised_date_is_announced_while_the_proofs_are_awaited(desk: Desk) -> None:
    silent = desk.deposited(0, publication_authorised=False)
    told = desk.deposited(1, publication_authorised=True, planned_proof_on=date(2022, 11, 2))
    now = desk.clock.now()
    [announced] = register.announced(desk.session, now)
    assert (announced.service_name, announced.company_name, announced.planned_proof_on) == (
        "Messagerie 1",
        "Opérateur 1",
        date(2022, 11, 2),
    )
    dossier.record_end(desk.session, told, "withdrawn", now)
    assert register.announced(desk.session, now) == []
    received = desk.deposited(2, publication_authorised=True)
    desk.dossier(received).complete_received_at = now
    assert register.announced(desk.session, now) == []
    assert desk.dossier(silent).ended_at is None
