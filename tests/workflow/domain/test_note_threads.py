"""Internal notes as threads: who may say what, who is called, what stays, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from desk import Desk
from sqlalchemy import select
from test_assignments import instructor

from workflow.clock import paris_date
from workflow.db import Database
from workflow.domain import (
    absence_acts,
    college,
    interest,
    internal_note,
    note_mention,
    person,
    recusal,
)
from workflow.domain.absence_acts import AbsenceWish
from workflow.domain.internal_note import InternalNote
from workflow.domain.note_mention import NoteMention
from workflow.domain.notification import Notification
from workflow.domain.person import Actor
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound


@pytest.fixture
def opened(database: Database, tmp_path: Path) -> Iterator[Desk]:
    """A desk within one transaction, on each kind of database."""
    with database.transaction() as session:
        yield Desk.opened(session, tmp_path)


def colleague(desk: Desk, name: str, role: str = "instructor") -> Actor:
    """Someone of the Agency with a whole name."""
    added = person.add_person(
        desk.session,
        email=f"{len(name)}.{name.split()[0].lower()}@ans.example",
        name=name,
        password=None,
        roles=[role],
        at=desk.clock.now(),
    )
    return person.actor_of(desk.session, added)


def told(desk: Desk) -> list[tuple[int | None, str]]:
    rows = desk.session.scalars(select(Notification).where(Notification.kind == note_mention.KIND))
    return [(row.person_id, row.body.split(" vous ")[0]) for row in rows]


def mentioned(desk: Desk, note: InternalNote) -> set[int]:
    rows = select(NoteMention.person_id).where(NoteMention.note_id == note.id)
    return set(desk.session.scalars(rows))


def refused(desk: Desk, dossier_id: int, who: Actor, text: str, **given: object) -> list[str]:
    with pytest.raises(InvalidAnswer) as refusal:
        internal_note.add(desk.call(dossier_id, who), text, **given)  # type: ignore[arg-type]
    return [sentence for each in refusal.value.faults.values() for sentence in each]


def test_a_reply_stands_where_its_thread_does_and_the_thread_is_settled_once(opened: Desk) -> None:
    desk, ines = opened, instructor(opened)
    karim, dossier_id = instructor(opened, "karim"), opened.submitted(0)
    first = internal_note.add(
        desk.call(dossier_id, ines), "Le journal est tronqué.", anchor="requirement:TLS-01"
    )
    reply = internal_note.add(desk.call(dossier_id, karim), "Vu.", reply_to=first.id)
    again = internal_note.add(desk.call(dossier_id, ines), "Merci.", reply_to=reply.id)
    assert [(each.reply_to, each.anchor) for each in (reply, again)] == [
        (first.id, "requirement:TLS-01")
    ] * 2
    call = desk.call(dossier_id, karim)
    for _ in range(2):
        internal_note.resolve(call, again.id)
    assert (first.resolved_by, reply.resolved_at) == (karim.person_id, None)
    internal_note.resolve(call, first.id, resolved=False)
    assert [entry.kind for entry in call.entries] == ["note:resolved", "note:reopened"]
    assert first.resolved_at is None


def test_a_note_hangs_on_nothing_that_its_dossier_lacks(opened: Desk) -> None:
    ines, dossier_id, other = instructor(opened), opened.submitted(0), opened.submitted(1)
    for anchor in ("requirement:TLS-99", "reservation:1", "proof:1", "x"):
        assert refused(opened, dossier_id, ines, "Ici.", anchor=anchor)
    elsewhere = internal_note.add(opened.call(other, ines), "Ailleurs.")
    for missing in (elsewhere.id, 987):
        with pytest.raises(NotFound):
            internal_note.add(opened.call(dossier_id, ines), "Ici.", reply_to=missing)


def test_its_author_words_a_note_again_for_ten_minutes_and_what_it_said_is_kept(
    opened: Desk,
) -> None:
    desk, ines, karim = opened, instructor(opened), instructor(opened, "karim")
    dossier_id = desk.submitted(0)
    note = internal_note.add(desk.call(dossier_id, ines), "Le jounral est tronqué.")
    written = note.at.isoformat()
    desk.clock.move_to(note.at + internal_note.EDITABLE_FOR / 2)
    with pytest.raises(NotAllowed):
        internal_note.edit(desk.call(dossier_id, karim), note.id, "Autre chose.")
    call = desk.call(dossier_id, ines)
    internal_note.edit(call, note.id, "Le journal est tronqué.", revision=0)
    assert note.earlier == [{"text": "Le jounral est tronqué.", "at": written}]
    assert call.entries[0].payload["sha256"] == internal_note.fingerprint(note.text)
    with pytest.raises(Conflict):
        internal_note.edit(desk.call(dossier_id, ines), note.id, "Un autre onglet.", revision=0)
    desk.clock.move_to(note.at + internal_note.EDITABLE_FOR)
    with pytest.raises(Conflict):
        internal_note.edit(desk.call(dossier_id, ines), note.id, "Trop tard.", revision=1)
    assert note.text == "Le journal est tronqué."


def test_a_withdrawn_note_stays_with_its_trace(opened: Desk) -> None:
    desk, ines, karim = opened, instructor(opened), instructor(opened, "karim")
    dossier_id = desk.submitted(0)
    note = internal_note.add(desk.call(dossier_id, ines), "À revoir.")
    with pytest.raises(NotAllowed):
        internal_note.withdraw(desk.call(dossier_id, karim), note.id)
    call = desk.call(dossier_id, ines)
    internal_note.withdraw(call, note.id)
    assert (note.text, note.withdrawn_at) == ("À revoir.", desk.clock.now())
    assert [entry.kind for entry in call.entries] == ["note:withdrawn"]
    for act in (internal_note.withdraw, lambda c, n: internal_note.edit(c, n, "Encore.")):
        with pytest.raises(Conflict):
            act(desk.call(dossier_id, ines), note.id)


def test_a_colleague_called_by_name_is_told_once(opened: Desk) -> None:
    desk, ines, dossier_id = opened, instructor(opened), opened.submitted(0)
    helene = colleague(desk, "Hélène Vasseur", "college_president")
    colleague(desk, "Hélène Vasse")
    text = "@helene vasseur, et vous @Hélène Vasseur ? Écrire à contact@ans.example."
    note = internal_note.add(desk.call(dossier_id, ines), text, mentioned=[helene.person_id or 0])
    assert mentioned(desk, note) == {helene.person_id}
    assert told(desk) == [(helene.person_id, "ines")]
    internal_note.edit(desk.call(dossier_id, ines), note.id, f"{text} Merci.")
    assert len(told(desk)) == 1
    internal_note.edit(desk.call(dossier_id, ines), note.id, "@ines : à moi de voir.")
    assert (mentioned(desk, note), len(told(desk))) == (set(), 1)


def test_nobody_outside_or_with_a_conflict_of_interest_is_called(opened: Desk) -> None:
    desk, ines, dossier_id = opened, instructor(opened), opened.submitted(0)
    bruno = colleague(desk, "Bruno Keller")
    colleague(desk, "Bruno Morel", "auditor")
    invited = colleague(desk, "Invitée Partenaire", "partner")
    call = desk.call(dossier_id, bruno)
    interest.declare(call, has_conflict=True, reason="Ancien salarié.")
    assert "conflit d’intérêts" in refused(desk, dossier_id, ines, "@Bruno Keller ?")[0]
    assert "plusieurs personnes" in refused(desk, dossier_id, ines, "@Bruno ?")[0]
    assert "nom de personne" in refused(desk, dossier_id, ines, "@Invitée ?")[0]
    for outsider in (invited.person_id or 0, 987):
        assert refused(desk, dossier_id, ines, "Et vous ?", mentioned=[outsider])
    assert (told(desk), internal_note.of_dossier(desk.session, dossier_id, ines)) == ([], [])
    internal_note.add(desk.call(desk.submitted(1), ines), "@Bruno Keller ?")
    assert [person_id for person_id, _by in told(desk)] == [bruno.person_id]


@pytest.mark.parametrize("why", ["conflict", "recusal"])
def test_a_stand_in_who_is_kept_off_a_dossier_is_told_nothing_of_it(opened: Desk, why: str) -> None:
    desk, ines, dossier_id = opened, instructor(opened), opened.submitted(0)
    helene = colleague(desk, "Hélène Vasseur", "college_president")
    claire = colleague(desk, "Claire Danjou", "college_president")
    other, now = opened.submitted(1), desk.clock.now()
    wish = AbsenceWish(
        person_id=helene.person_id,
        first_day=paris_date(now),
        last_day=paris_date(now),
        stand_in_id=claire.person_id,
    )
    absence_acts.declare(desk.session, helene, wish, now)
    call = desk.call(dossier_id, claire)
    if why == "recusal":
        recusal.declare(call, college.schedule(desk.call())["session_id"], 1, "")
    else:
        role = replace(claire, roles=claire.roles | {"instructor"})
        interest.declare(desk.call(dossier_id, role), has_conflict=True, reason="Parente.")
    note = internal_note.add(desk.call(dossier_id, ines), "@Hélène Vasseur ?")
    assert [person_id for person_id, _by in told(desk)] == [helene.person_id]
    [cover] = note_mention.not_reached(desk.session, note.id, now)
    assert (cover.person, cover.stand_in) == ("Hélène Vasseur", "Claire Danjou")
    assert "Claire Danjou hors" in refused(desk, dossier_id, ines, "@Claire Danjou ?")[0]
    note = internal_note.add(desk.call(other, ines), "@Hélène Vasseur ?")
    assert {person_id for person_id, _by in told(desk)} == {helene.person_id, claire.person_id}
    assert note_mention.not_reached(desk.session, note.id, now) == []


def test_no_operator_acts_on_a_note(opened: Desk) -> None:
    dossier_id = opened.submitted(0)
    note = internal_note.add(opened.call(dossier_id, instructor(opened)), "À revoir.")
    call = opened.call(dossier_id, opened.operator(0))
    for act in (
        lambda: internal_note.add(call, "Moi aussi.", reply_to=note.id),
        lambda: internal_note.edit(call, note.id, "Non."),
        lambda: internal_note.withdraw(call, note.id),
        lambda: internal_note.resolve(call, note.id),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert call.entries == []
