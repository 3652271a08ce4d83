"""Dossiers assigned, handed over and done in bulk, and people away, through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from stage import ADMINISTRATOR, INSTRUCTOR, OFFICER, OPERATOR, OWNER, Stage

from api import bulk_door
from tests.web.test_dossiers import statements
from web import bulk
from web.demo_accounts import DEMO_PASSWORD
from workflow.domain import instruction_assignment, person
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

COLLEAGUE = "bruno@ans.example"
MOST_STATEMENTS = 12


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """Two dossiers in the queue, and a second instructor."""
    with runtime.database.transaction() as session:
        person.add_person(
            session,
            email=COLLEAGUE,
            name="Bruno Keller",
            password=DEMO_PASSWORD,
            roles=["instructor"],
            at=runtime.clock.now(),
        )
    stage = Stage.set_up(runtime)
    stage.submitted("Alizé Un")
    stage.submitted("Alizé Deux")
    return stage


def holders(stage: Stage) -> list[str | None]:
    with stage.runtime.database.reading() as session:
        held = instruction_assignment.holders(session, [1, 2])
        return [held.get(number, (0, None))[1] for number in (1, 2)]


def id_of(stage: Stage, email: str) -> str:
    return str(stage.who(email).person_id)


def test_dossiers_ticked_in_the_queue_are_assigned_once_each_and_reported(
    stage: Stage, signed_in: SignedIn, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_door, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "SHOWN_PROGRESS", 1)
    owner = signed_in(OWNER)
    numbers = [stage.number(1), stage.number(2)]
    page = owner.open("/file")
    assert all(f'name="dossier" value="{number}"' in owner.page.text for number in numbers)
    assert "Affecter à…" in page
    assert "Aucun dossier n'est coché" in owner.post("/lots", act="assign", back="/file").replace(
        "’", "'"
    )
    page = owner.post("/lots", act="assign", all="1", page=" ".join(numbers))
    act = owner.page.request.path
    assert "2 dossiers choisis" in page
    assert "Lancer" not in page
    assert "Choisissez un instructeur" in owner.post(act, to="")
    page = owner.post(act, to=id_of(stage, COLLEAGUE))
    assert page.count("Sera affecté.") == 2
    with statements(runtime) as sent:
        owner.open(act)
    assert len(sent) <= MOST_STATEMENTS, sent
    owner.post(f"{act}/lancer")
    page = owner.post(f"{act}/lancer")
    assert "1 encore à faire" in page
    assert "<progress" in page
    assert holders(stage) == ["Bruno Keller", None]
    assert "2 dossiers faits" in owner.post(f"{act}/suite")
    assert holders(stage) == ["Bruno Keller"] * 2
    table = owner.client.get(f"{act}.csv").get_data(as_text=True)
    assert table.count(";fait;") == 2
    with statements(runtime) as sent:
        assert "Affectation de dossiers" in owner.open("/lots")
    assert len(sent) <= MOST_STATEMENTS, sent
    stranger = signed_in(OFFICER)
    stranger.open(act)
    assert stranger.page.status_code == 404
    stranger.open("/lots/1.csv")
    assert stranger.page.status_code == 404
    operator = signed_in(OPERATOR)
    assert 'name="dossier"' not in operator.open("/dossiers")
    operator.open("/lots")
    assert operator.page.status_code == 403


def test_a_dossier_is_assigned_declined_and_told_to_one_person_only(
    stage: Stage, signed_in: SignedIn
) -> None:
    owner, bruno = signed_in(OWNER), signed_in(COLLEAGUE)
    address = f"/dossiers/{stage.number(2)}/mains"
    owner.open(address)
    page = owner.post(address, act="assign", to=id_of(stage, COLLEAGUE), reason="")
    assert owner.page.status_code == 422
    assert "Indiquez le motif" in page
    owner.post(address, act="assign", to=id_of(stage, COLLEAGUE), reason="Lot commun.")
    assert holders(stage) == [None, "Bruno Keller"]
    assert "Lot commun." in owner.open("/file/ecarts")
    assert "il vous est affecté" in bruno.open("/notifications")
    assert "il vous est affecté" not in signed_in(INSTRUCTOR).open("/notifications")
    assert "affecté par Luc Arnoult" in bruno.open(address)
    assert "Dossier décliné" in bruno.post(address, act="decline", reason="Trop de dossiers.")
    assert holders(stage) == [None, None]
    assert "décliné" in owner.open("/notifications")
    claire = signed_in(INSTRUCTOR)
    claire.open(address)
    claire.post(address, act="assign", to=id_of(stage, COLLEAGUE), reason="Non.")
    assert claire.page.status_code == 403
    outsider = signed_in(OPERATOR)
    outsider.open(address)
    assert outsider.page.status_code == 403


def test_a_stand_in_sees_for_whom_they_act_until_they_refuse(
    stage: Stage, signed_in: SignedIn
) -> None:
    owner, bruno, claire = signed_in(OWNER), signed_in(COLLEAGUE), signed_in(INSTRUCTOR)
    address = f"/dossiers/{stage.number(1)}/mains"
    owner.open(address)
    owner.post(address, act="assign", to=id_of(stage, COLLEAGUE), reason="")
    assert "Aucune absence déclarée" in bruno.open("/absences")
    bruno.open("/absences/nouvelle")
    days = {"first_day": "03/11/2022", "last_day": "10/11/2022"}
    assert "Choisissez un collègue" in bruno.post("/absences/nouvelle", **days, stand_in="")
    page = bruno.post("/absences/nouvelle", **days, stand_in=id_of(stage, INSTRUCTOR))
    assert "Claire Danjou" in page
    bruno.open("/absences/nouvelle")
    bruno.post("/absences/nouvelle", **days, stand_in="team")
    assert bruno.page.status_code == 409
    assert "pour le compte de Bruno Keller" in claire.open("/accueil")
    task = f"/taches/{stage.task_id(1, 'instruct_dossier')}"
    assert "Pour le compte de Bruno Keller" in claire.open(task)
    assert "Suppléance : Claire Danjou" in claire.open(address)
    page = owner.open("/absences/equipe")
    assert ("Semaine du 31 octobre" in page, "Bruno Keller" in page) == (True, True)
    refusal = re.search(r"/absences/\d+/refus", claire.open("/absences"))
    assert refusal is not None
    bruno.open(refusal[0])
    assert bruno.page.status_code == 404, "only who stands in may refuse it"
    assert "Mettre fin à votre absence" in bruno.open(refusal[0].replace("refus", "fin"))
    claire.open(refusal[0])
    assert "Suppléance refusée" in claire.post(refusal[0], reason="Complet.")
    assert "Claire Danjou a refusé" in owner.open("/absences/equipe")
    assert "(confié à l’équipe)" in claire.open("/accueil")
    ending = re.search(r"/absences/\d+/fin", owner.open("/absences/equipe"))
    assert ending is not None
    owner.open(ending[0])
    owner.post(ending[0])
    assert "pour le compte de" not in claire.open("/accueil")
    signed_in(OPERATOR).open("/absences")


def test_whoever_leaves_hands_their_dossiers_over(stage: Stage, signed_in: SignedIn) -> None:
    owner, administrator = signed_in(OWNER), signed_in(ADMINISTRATOR)
    for number in (stage.number(1), stage.number(2)):
        owner.open(f"/dossiers/{number}/mains")
        given = {"to": id_of(stage, COLLEAGUE), "reason": "Lot."}
        owner.post(f"/dossiers/{number}/mains", act="assign", **given)
    address = f"/personnes/{id_of(stage, COLLEAGUE)}/desactiver"
    assert "Les 2 dossiers qu" in administrator.open(address)
    administrator.post(address, to=id_of(stage, INSTRUCTOR))
    assert holders(stage) == ["Claire Danjou"] * 2
    assert "il vous est confié" in signed_in(INSTRUCTOR).open("/notifications")
    claire = f"/personnes/{id_of(stage, INSTRUCTOR)}"
    administrator.open(f"{claire}/roles")
    administrator.post(f"{claire}/roles", roles=["auditor"], confirmed="yes")
    assert holders(stage) == [None, None]
