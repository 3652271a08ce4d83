"""The college's room: what is typed live, what others see of it, and what nobody is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import select
from stage import INSTRUCTOR, MEMBER, OPERATOR, OWNER, PARTNER, PRESIDENT, SSI_OFFICER, Stage

from tests.web.test_dossiers import statements
from workflow.domain import college_invitation
from workflow.domain.college import CollegeSession
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.engine import drafts, human_tasks, messages
from workflow.engine.runtime import Runtime
from workflow.errors import InvalidAnswer
from workflow.scenarios import defaults

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

COMMENT = "Le serveur accepte encore TLS 1.1."
FAILING = {"requirement": "DER-TLS-02", "verdict": "not_conform", "comment": COMMENT}
AGAINST = "s’oppose à la clôture</h"
PRESENT = ["Hélène Vasseur", "Marc Olivet", "Claire Danjou", "Inès Bouvard"]


class Sitting:
    """An open session with two dossiers, the second with a requirement that is not conform."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        first, second = stage.instructed("Alizé Un"), stage.submitted("Alizé Deux")
        stage.do(second, "instruct_dossier", INSTRUCTOR, **_verdicts(stage, second))
        self.first, self.second = stage.number(first), stage.number(second)
        messages.convene(stage.runtime, stage.campaign.id, stage.who(PRESIDENT))
        with stage.runtime.database.reading() as session:
            self.id = session.scalars(
                select(CollegeSession.id).where(CollegeSession.held_at.is_(None))
            ).one()

    def room(self, number: str) -> str:
        """The address of a dossier in the room."""
        return f"/college/seances/{self.id}/salle/{number}"

    @property
    def screen(self) -> str:
        """The address of what is projected."""
        return f"/college/seances/{self.id}/ecran"

    @property
    def record(self) -> str:
        """The address of the minutes in preparation."""
        return f"/college/seances/{self.id}/proces-verbal"

    def attend(self, president: Browser, names: list[str] | None = None) -> None:
        """Note who is present."""
        president.open(self.room(self.first))
        president.post(
            f"/college/seances/{self.id}/presents",
            present=names or PRESENT,
            others="",
            number=self.first,
        )

    def draft(self) -> dict[str, Any]:
        """What the task's draft holds."""
        task = self.stage.task_id(None, "hold_session")
        with self.stage.runtime.database.reading() as session:
            found = drafts.find(session, task)
        assert found is not None
        return found.answer


def _verdicts(stage: Stage, dossier_id: int) -> dict[str, Any]:
    with stage.runtime.database.reading() as session:
        task = human_tasks.latest_of_element(session, dossier_id, "instruct_dossier")
        assert task is not None
        answer = defaults.of_task(session, task.form_key, session.get_one(Dossier, dossier_id))
    rows = [
        FAILING if row["requirement"] == FAILING["requirement"] else row
        for row in answer["verdicts"]
    ]
    return {"verdicts": rows}


@pytest.fixture
def sitting(app: Flask, runtime: Runtime) -> Sitting:
    """A session that sits on Thursday 3 November 2022."""
    return Sitting(Stage.set_up(runtime))


def typed(browser: Browser) -> dict[str, str]:
    """The hidden fields that a page of the room posts."""
    found = dict(re.findall(r'name="(~mark|~page)" value="([^"]*)"', browser.page.text))
    return {**found, "decisions.0.dossier": ""}


@pytest.mark.rule(67, 69)
def test_what_the_president_types_in_the_room_is_the_draft_of_the_task(
    sitting: Sitting, signed_in: SignedIn
) -> None:
    president = signed_in(PRESIDENT)
    sitting.attend(president)
    page = president.open(sitting.room(sitting.second))
    assert "Sans réserve n’est pas possible : 1 exigence est non conforme." in page
    assert COMMENT in page
    decision = {
        **typed(president),
        "decisions.0.outcome": "non_blocking",
        "decisions.0.reservations.0.requirement": "DER-TLS-02",
        "decisions.0.reservations.0.nature": "minor",
        "decisions.0.reservations.0.text": "Refuser TLS 1.1.",
        "decisions.0.reasons": "Au vu des preuves.",
        "~recused": ["", "Claire Danjou"],
    }
    page = president.post(sitting.room(sitting.second), more=decision)
    assert "1 décision sur 2" in page
    assert "3 votants, quorum atteint" in page
    rows = sitting.draft()["decisions"]
    assert [row["dossier"] for row in rows] == [sitting.first, sitting.second]
    assert rows[1]["recused"] == "Claire Danjou"
    form = president.open(f"/taches/{sitting.stage.task_id(None, 'hold_session')}")
    assert "Refuser TLS 1.1." in form
    assert "Hélène Vasseur\nMarc Olivet\nClaire Danjou\nInès Bouvard" in form
    preview = president.open(sitting.record)
    assert "Rien ne s’oppose à la clôture" in preview
    assert "Déportés, sans voix sur ce dossier : Claire Danjou." in preview
    member = signed_in(MEMBER)
    assert "Procès-verbal PV-2022-001" in member.open(sitting.record)
    assert "/college/1" not in member.open("/college"), "nothing is decided before the task is"


@pytest.mark.rule(24, 67)
def test_a_member_who_leaves_by_themselves_is_recused_in_the_act(
    sitting: Sitting, signed_in: SignedIn
) -> None:
    member, president = signed_in(MEMBER), signed_in(PRESIDENT)
    name = sitting.stage.who(MEMBER).name
    assert "Déclarer un conflit et me retirer…" in member.open(sitting.room(sitting.first))
    page = member.post(f"{sitting.room(sitting.first)}/deport", reason="Ancien employeur.")
    assert "vous n’y prenez pas part" in page
    member.post(f"{sitting.room(sitting.first)}/deport", reason="")
    assert member.page.status_code == 409, "it stands"
    three = ["Hélène Vasseur", "Claire Danjou", name]
    sitting.attend(president, three)
    assert f"{name} se déporte et ne vote pas" in president.open(sitting.room(sitting.first))
    decision = {"dossier": sitting.first, "outcome": "award", "reasons": "Conforme."}
    task = sitting.stage.task_id(None, "hold_session")
    act = {"attendance": three, "decisions": [decision]}
    with pytest.raises(InvalidAnswer, match="free to decide"):
        human_tasks.complete(sitting.stage.runtime, task, act, sitting.stage.who(PRESIDENT))
    act["attendance"] = [*three, "Inès Bouvard"]
    human_tasks.complete(sitting.stage.runtime, task, act, sitting.stage.who(PRESIDENT))
    text = president.open("/college/1/proces-verbal.txt")
    assert f"Déportés, sans voix sur ce dossier : {name}." in text


def test_two_people_who_type_on_one_dossier_lose_nothing(
    sitting: Sitting, signed_in: SignedIn
) -> None:
    one, other = signed_in(PRESIDENT), signed_in(PRESIDENT)
    address = sitting.room(sitting.first)
    one.open(address)
    mine = {**typed(one), "decisions.0.outcome": "award", "decisions.0.reasons": "Conforme."}
    other.open(address)
    theirs = {**typed(other), "decisions.0.reasons": "À revoir."}
    other.open(sitting.room(sitting.second))
    elsewhere = typed(other)
    one.post(address, more=mine)
    other.post(sitting.room(sitting.second), more={**elsewhere, "decisions.0.reasons": "Bien."})
    assert other.page.status_code == 200, "another dossier is in nobody's way"
    page = other.post(address, more=theirs)
    assert other.page.status_code == 409
    assert "Une autre personne a saisi ce dossier" in page
    assert "Conforme." in page
    assert "À revoir." in page
    assert sitting.draft()["decisions"][0]["reasons"] == "Conforme."
    other.post(address, more={**theirs, "~over": "yes"})
    assert sitting.draft()["decisions"][0]["reasons"] == "À revoir."
    assert sitting.draft()["decisions"][1]["reasons"] == "Bien."


@pytest.mark.rule(24, 67)
def test_a_recused_member_is_not_shown_the_dossier(sitting: Sitting, signed_in: SignedIn) -> None:
    member = signed_in(MEMBER)
    name = sitting.stage.who(MEMBER).name
    assert COMMENT in member.open(sitting.room(sitting.second))
    president = signed_in(PRESIDENT)
    sitting.attend(president, [*PRESENT, name])
    president.open(sitting.room(sitting.second))
    president.post(
        sitting.room(sitting.second),
        more={
            **typed(president),
            "~recused": ["", name],
            "decisions.0.outcome": "non_blocking",
            "decisions.0.reservations.0.requirement": "DER-TLS-02",
            "decisions.0.reservations.0.nature": "minor",
            "decisions.0.reservations.0.text": "Refuser TLS 1.1.",
            "decisions.0.reasons": "Secret.",
        },
    )
    for address in (sitting.room(sitting.second), sitting.screen):
        president.post(sitting.screen, number=sitting.second)
        page = member.open(address)
        assert "Ce point se tient sans vous" in page
        assert "Secret." not in page
        assert "DER-TLS-02" not in page
        assert "Réserves" not in page, "nor what the agenda says of it"
    assert "Secret." in president.open(sitting.record)
    page = member.open(sitting.record)
    assert "Ce point se tient sans vous" in page
    assert "Secret." not in page
    president.open(sitting.room(sitting.second))
    unfit = {**typed(president), "~recused": ["", name], "decisions.0.outcome": "award"}
    president.post(sitting.room(sitting.second), more=unfit)
    page = president.open(sitting.record)
    assert (AGAINST in page, f"Dossier {sitting.second} :" in page) == (True, True)
    assert AGAINST not in member.open(sitting.record), "nor what stands against what is typed"


@pytest.mark.rule(76, 77)
def test_what_is_projected_tells_no_comment_and_partners_may_follow_it(
    sitting: Sitting, signed_in: SignedIn, runtime: Runtime
) -> None:
    owner, partner = signed_in(OWNER), signed_in(PARTNER)
    owner.open(sitting.room(sitting.second))
    owner.post(sitting.screen, number=sitting.second, **{"from": "screen"})
    page = owner.text
    assert "Alizé Deux" in page
    assert "DER-TLS-02" in page
    assert COMMENT not in page
    partner.open(sitting.screen)
    assert partner.page.status_code == 404, "who is not invited sees no session"
    guest: Actor = sitting.stage.who(PARTNER)
    with runtime.database.transaction() as session:
        college_invitation.invite(
            session,
            sitting.stage.who(PRESIDENT),
            sitting.stage.campaign,
            sitting.id,
            person_id=guest.person_id,
            organisation="CNDA",
            at=runtime.clock.now(),
        )
    assert "Alizé Deux" in partner.open(sitting.screen)
    for address in (sitting.room(sitting.second), sitting.record):
        partner.open(address)
        assert partner.page.status_code == 403
    for outsider in (signed_in(OPERATOR), signed_in(SSI_OFFICER)):
        outsider.open(sitting.screen)
        assert outsider.page.status_code == 403


def test_whoever_follows_is_answered_nothing_while_nothing_changes(
    sitting: Sitting, signed_in: SignedIn, runtime: Runtime
) -> None:
    member, president = signed_in(MEMBER), signed_in(PRESIDENT)
    follow = re.search(r'hx-get="([^"]+)"', member.open(sitting.room(sitting.first)))
    assert follow is not None
    asked = {"headers": {"HX-Request": "true"}}
    with statements(runtime) as sent:
        member.open(follow[1], **asked)
    assert member.page.status_code == 204
    assert len(sent) <= 4
    assert member.client.get(sitting.screen).status_code == 200
    president.open(sitting.room(sitting.first))
    president.post(
        sitting.room(sitting.first), more={**typed(president), "decisions.0.outcome": "award"}
    )
    changed = member.open(follow[1], **asked)
    assert "Sans réserve" in changed.split('id="agenda"')[1]
    assert "<html" not in changed
    again = {"headers": {"HX-Request": "true", "If-None-Match": member.page.headers["ETag"]}}
    assert member.client.get(follow[1], **again).status_code == 304


def test_what_was_typed_on_a_dossier_that_leaves_the_agenda_stands_in_nobodys_way(
    sitting: Sitting, signed_in: SignedIn
) -> None:
    president = signed_in(PRESIDENT)
    address = sitting.room(sitting.second)
    president.open(address)
    reasons = {"decisions.0.outcome": "blocking", "decisions.0.reasons": "Réserve majeure."}
    president.post(address, more={**typed(president), **reasons})
    with sitting.stage.runtime.database.transaction() as session:
        found = session.scalars(select(Dossier).where(Dossier.number == sitting.second)).one()
        instructed_at, found.instructed_at = found.instructed_at, None
    page = president.open(sitting.record)
    assert f"Dossier {sitting.second} : il n’est plus à l’ordre du jour." in page
    sitting.attend(president)
    assert "il n’est plus à l’ordre du jour" not in president.open(sitting.record)
    with sitting.stage.runtime.database.transaction() as session:
        session.get_one(Dossier, found.id).instructed_at = instructed_at
    assert "Réserve majeure." in president.open(address)


def test_a_member_types_nothing_and_moves_nothing(sitting: Sitting, signed_in: SignedIn) -> None:
    member = signed_in(MEMBER)
    page = member.open(sitting.room(sitting.first))
    assert 'name="decisions.0.outcome"' not in page
    for address in (sitting.room(sitting.first), sitting.screen):
        member.post(address, number=sitting.second, more={"decisions.0.outcome": "award"})
        assert member.page.status_code == 403


def test_the_minutes_in_preparation_name_what_stands_against_closing(
    sitting: Sitting, signed_in: SignedIn
) -> None:
    president = signed_in(PRESIDENT)
    president.open(sitting.room(sitting.second))
    president.post(
        sitting.room(sitting.second), more={**typed(president), "decisions.0.outcome": "award"}
    )
    page = president.open(sitting.record)
    assert "l’attribution sans réserve est exclue, DER-TLS-02 n’est pas conforme" in page
    assert "Le quorum de 3 membres n’est pas atteint" in page
    assert "Les présents manquent." in page
    president.open(sitting.room(sitting.second))
    president.post(sitting.room(sitting.second), more={**typed(president), "~postpone": "yes"})
    assert "0 décision sur 2" in president.text
