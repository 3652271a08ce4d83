"""The queue and the dossiers as people look at them: filters, counts, orders, unread marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk, paris
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from web.dossier_counts import counted, counted_tabs
from web.dossier_filters import ORDERS, Wanted, order
from workflow import audit_log
from workflow.db import Database
from workflow.domain import (
    instruction_assignment,
    person,
    queue_view,
    read_mark,
    saved_search,
    solicitation,
)
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.errors import InvalidAnswer, NotAllowed, NotFound

FILTERS = {
    "q": "messagerie",
    "ou": "en-cours",
    "phase": "instruction",
    "operateur": "1",
    "profil": "general",
    "campagne": "dsr-ope-mss-2022",
    "instructeur": "moi",
    "echeance": "5",
    "lu": "non",
}


def agent(desk: Desk, name: str, role: str = "instructor") -> Actor:
    """Someone of the Agency with an account."""
    email = f"{name}@ans.example"
    found = person.find_by_email(desk.session, email) or person.add_person(
        desk.session,
        email=email,
        name=name,
        password="longue phrase",
        roles=[role],
        at=paris("2022-10-03T09:00"),
    )
    return person.actor_of(desk.session, found)


def queue(desk: Desk, who: Actor) -> list[queue_view.Place]:
    return queue_view.places(
        desk.session, desk.campaign, desk.clock.now(), person_id=who.person_id or 0
    )


def happens(session: Session, dossier_id: int, kind: AuditKind, who: Actor) -> None:
    """Something is recorded in a dossier's history."""
    at = paris("2022-10-05T09:00")
    event = audit_log.Event(str(kind), {}, who.person_id, who.name, at, at)
    audit_log.append(session, audit_log.chain_of(dossier_id), [event])


@pytest.mark.rule(60)
def test_the_rank_is_the_laws_whatever_is_filtered_and_sorted(desk: Desk) -> None:
    ines = agent(desk, "ines")
    ids = [desk.at(f"2022-10-0{rank + 4}T09:00").submitted(rank) for rank in range(3)]
    solicitation.send(desk.call(ids[1]), "instruction", ["Un journal ?"])
    instruction_assignment.take_next(desk.call(ids[0], ines))
    found = queue(desk, ines)
    assert [(place.dossier_id, place.rank) for place in found] == [
        (each, rank) for rank, each in enumerate(ids, start=1)
    ]
    newest = queue_view.choose(found, {}, "-complet")
    assert [place.rank for place in newest.places] == [3, 2, 1]
    free = queue_view.choose(found, {"pris": "libre"})
    assert [place.rank for place in free.places] == [2, 3]
    # Each filter is counted with the others as they are.
    assert dict(free.counts["pris"]) == {"libre": 2, "pris": 1, "moi": 1, str(ines.person_id): 1}
    assert free.counts["profil"] == {"general": 2}
    assert queue_view.count(found, {"pris": "moi", "profil": "general"}) == 1


def test_the_time_left_is_told_in_business_days(desk: Desk) -> None:
    ines = agent(desk, "ines")
    desk.at("2022-10-04T09:00").submitted()
    (fresh,) = queue(desk, ines)
    assert (fresh.state, list(fresh.within)) == ("actif", [])
    # 42 active days end on Tuesday 15 November: five business days after the 8th, the 11th being
    # a holiday, are over on the 16th.
    desk.at("2022-11-08T09:00")
    (soon,) = queue(desk, ines)
    assert list(soon.within) == ["5", "10", "20"]


def test_a_dossier_is_unread_until_its_reader_opens_it(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path / "proofs")
        ines, karim = agent(desk, "ines"), agent(desk, "karim")
        one, two = desk.submitted(0), desk.submitted(1)
        operator = desk.operator()
        for each in (one, two):
            happens(session, each, AuditKind.DOSSIER_DEPOSITED, operator)

        def unread(who: Actor) -> set[int]:
            assert who.person_id is not None
            query = select(Dossier.id).where(read_mark.is_unread(who.person_id, Dossier.id))
            return set(session.scalars(query))

        assert unread(ines) == {one, two}
        read_mark.keep(session, ines, literal(one))
        assert (unread(ines), unread(karim)) == ({two}, {one, two})
        happens(session, one, AuditKind.CLOCK_SUSPENDED, karim)
        happens(session, one, AuditKind.NOTE_ADDED, ines)
        assert unread(ines) == {two}, "neither clocks nor one's own acts are news"
        happens(session, one, AuditKind.SOLICITATION_ANSWERED, operator)
        assert unread(ines) == {one, two}
        read_mark.keep_all(session, ines)
        assert unread(ines) == set()
        assert read_mark.count(session, karim.person_id or 0, limit=1) == 1
        read_mark.keep(session, operator, literal(one))


def test_every_filter_and_order_of_the_dossiers_is_understood_by_both_databases(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path / "proofs")
        ines = agent(desk, "ines")
        mine, other = desk.submitted(0), desk.submitted(1, profiles=["general", "bal_app"])
        instruction_assignment.take_next(desk.call(mine, ines))
        now = desk.clock.now()

        def ids(filters: dict[str, str], asked: str = "depot") -> list[int]:
            clauses, columns = order(asked)
            wanted = Wanted.of(filters, ines, now).clauses()
            query = select(Dossier.id).where(*wanted, *clauses).order_by(*columns)
            return list(session.scalars(query))

        for name in ORDERS:
            assert ids({}, f"-{name}") == list(reversed(ids({}, name)))
        assert ids({"instructeur": "moi"}) == [mine]
        assert ids({"profil": "bal_app"}) == [other]
        assert ids({"ou": "listed"}) == ids({"operateur": "x"}) == ids({"echeance": "-1"}) == []
        counts = counted(session, Wanted.of({"instructeur": "moi"}, ines, now))
        assert (counts.of["profil"], counts.of["ou"]["en-cours"]) == ({"general": 1}, 1)
        assert counts.of["instructeur"] == {str(ines.person_id): 1}
        assert counts.names["instructeur", str(ines.person_id)] == "ines"
        alone = [Wanted.of({name: value}, ines, now) for name, value in FILTERS.items()]
        tabs = dict(zip(FILTERS, counted_tabs(session, alone), strict=True))
        assert (tabs["ou"], tabs["profil"], tabs["campagne"], tabs["instructeur"]) == (2, 2, 2, 1)
        assert counted(session, Wanted.of(FILTERS, ines, now)).of["phase"] == {}


def test_a_search_that_is_shared_no_more_opens_no_colleagues_list(desk: Desk) -> None:
    ines, karim = agent(desk, "ines"), agent(desk, "karim")
    boss = agent(desk, "rémi", "administrator")
    at = desk.clock.now()
    kept = saved_search.add(
        desk.session, ines, at, page="queue", name="Urgents", filters={"reste": "5"}, shared=True
    )
    for each in (ines, karim):
        saved_search.choose(desk.session, each, "queue", kept.id)
    saved_search.change(desk.session, ines, at, kept.id, name="Urgents", shared=False)
    desk.session.flush()
    assert [default for _row, default in saved_search.offered(desk.session, ines)] == [True]
    assert list(saved_search.offered(desk.session, karim)) == []
    with pytest.raises(NotFound):
        saved_search.choose(desk.session, karim, "queue", kept.id)
    with pytest.raises(NotFound):
        saved_search.remove(desk.session, boss, kept.id)
    saved_search.change(desk.session, ines, at, kept.id, name="Urgents", shared=True)
    with pytest.raises(NotAllowed):
        saved_search.remove(desk.session, karim, kept.id)
    saved_search.remove(desk.session, boss, kept.id)
    desk.session.flush()
    assert list(saved_search.offered(desk.session, ines)) == []
    with pytest.raises(InvalidAnswer):
        saved_search.add(desk.session, ines, at, page="queue", name=" ", filters={})
