"""Deposits, first and again (DSR 4.2, DOMAIN A17), and who may see a dossier."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from desk import COMMITMENTS, SIRETS, Desk
from sqlalchemy import select

from workflow.domain import convention, deposit, dossier, person
from workflow.domain.person import Actor
from workflow.errors import Conflict, InvalidAnswer, InvalidInput, NotAllowed, NotFound

AGAIN: dict[str, Any] = {
    "service_version": "1.1",
    "planned_proof_on": date(2022, 12, 15),
    "publication_authorised": True,
    **COMMITMENTS,
}


def test_dossiers_are_numbered_by_the_year_of_the_campaign(desk: Desk) -> None:
    numbers = [desk.dossier(desk.deposited(rank)).number for rank in (0, 1)]
    assert numbers == ["2022-001", "2022-002"]


def test_a_deposit_returns_what_the_diagram_routes_by(desk: Desk) -> None:
    call = desk.call(actor=desk.operator())
    assert deposit.deposit(call, desk.application()) == {
        "deposited_at": desk.clock.now(),
        "attempt": 1,
        "previous_end": None,
        "planned_proof_on": date(2022, 11, 2),
        "convention_in_force": False,
        "reopened": False,
    }
    assert call.dossier_id is not None
    assert [entry.kind for entry in call.entries] == [
        "dossier:deposited",
        "document:requested",
        "notification:sent",
        "notification:sent",
    ]
    assert {entry.dossier_id for entry in call.entries} == {call.dossier_id}


@pytest.mark.rule(35)
def test_the_general_profile_is_forced(desk: Desk) -> None:
    assert desk.dossier(desk.deposited(profiles=["bal_app"])).profiles == ["general", "bal_app"]


@pytest.mark.rule(47)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("siret", "73282932000075"),
        ("legal_representative_email", "camille"),
        ("legal_representative_phone", "sonnez"),
        ("company_name", "  "),
        ("profiles", ["general", "unknown"]),
        ("dsr", "DSR-OTHER"),
        ("planned_proof_on", None),
        ("publication_authorised", None),
        ("commitment_process", False),
    ],
)
def test_a_candidature_that_lacks_something_is_refused_in_french(
    desk: Desk, field: str, value: Any
) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        desk.deposited(**{field: value})
    assert list(refused.value.faults) == [field]
    assert refused.value.faults[field][0].endswith(".")


def test_a_newcomer_founds_its_operator_and_belongs_to_it(desk: Desk) -> None:
    newcomer = person.add_person(
        desk.session,
        email="Contact@Example.fr",
        name="Contact",
        password=None,
        roles=["operator"],
        at=desk.clock.now(),
    )
    call = desk.call(actor=person.actor_of(desk.session, newcomer))
    deposit.deposit(call, desk.application())
    assert call.dossier_id is not None
    assert newcomer.operator_id == desk.dossier(call.dossier_id).operator_id


def test_typing_a_siret_does_not_open_another_companys_dossiers(desk: Desk) -> None:
    desk.deposited()
    stranger = Actor(None, "Inconnu", frozenset({"operator"}), None)
    with pytest.raises(Conflict):
        deposit.deposit(desk.call(actor=stranger), desk.application())


@pytest.mark.rule(76)
def test_an_operator_sees_its_own_dossiers_and_no_others(desk: Desk) -> None:
    own, other = desk.deposited(0), desk.deposited(1)
    alice = desk.operator(0)
    assert [found.id for found in dossier.list_for(desk.session, alice)] == [own]
    with pytest.raises(NotFound):
        dossier.visible_to(desk.session, other, alice)
    agency = dossier.list_for(desk.session, desk.agent("auditor"), campaign_id=desk.campaign.id)
    assert [found.id for found in agency] == [other, own]


def test_a_role_is_needed_to_act_and_strangers_find_nothing(desk: Desk) -> None:
    dossier_id = desk.deposited(0)
    dossier.require_party(desk.session, dossier_id, "operator", desk.operator(0))
    dossier.require_party(desk.session, dossier_id, "instructor", desk.agent("instructor"))
    with pytest.raises(NotFound):
        dossier.require_party(desk.session, dossier_id, "operator", desk.operator(1))
    with pytest.raises(NotAllowed):
        dossier.require_party(desk.session, dossier_id, "instructor", desk.agent("auditor"))
    with pytest.raises(NotAllowed):
        dossier.require_party(desk.session, dossier_id, "legal_representative", desk.operator(0))
    both_sides = Actor(None, "X", frozenset({"operator", "instructor"}), None)
    with pytest.raises(NotAllowed):
        dossier.require_party(desk.session, dossier_id, "operator", both_sides)


def test_a_flag_is_raised_once(desk: Desk) -> None:
    dossier_id = desk.deposited()
    assert dossier.raise_flag(desk.call(dossier_id), "significant_delay")
    desk.session.flush()
    assert not dossier.raise_flag(desk.call(dossier_id), "significant_delay")
    assert dossier.flags_of(desk.session, dossier_id) == ["significant_delay"]
    with pytest.raises(InvalidInput):
        dossier.raise_flag(desk.call(dossier_id), "tired")


def reapplied(desk: Desk, previous: object, rank: int = 0) -> tuple[int, dict[str, Any]]:
    call = desk.call(actor=desk.operator(rank))
    routed = deposit.deposit(call, {**AGAIN, "previous": previous})
    assert call.dossier_id is not None
    return call.dossier_id, routed


def ended(desk: Desk, dossier_id: int, end: str) -> int:
    dossier.record_end(desk.session, dossier_id, end, desk.clock.now())
    return dossier_id


@pytest.mark.rule(50)
def test_a_new_attempt_keeps_the_facts_and_brings_a_new_version(desk: Desk) -> None:
    first = desk.admitted(profiles=["bal_app"])
    desk.dossier(first).component_source = "self"
    ended(desk, first, "refused_blocking")
    again, routed = reapplied(desk, "2022-001")
    new = desk.dossier(again)
    assert (new.number, new.attempt, new.previous_dossier_id) == ("2022-002", 2, first)
    assert (new.siret, new.profiles, new.component_source, new.service_version) == (
        SIRETS[0],
        ["general", "bal_app"],
        "self",
        "1.1",
    )
    assert (new.admitted_at, new.complete_received_at, new.end) == (None, None, None)
    assert (routed["attempt"], routed["previous_end"]) == (2, "refused_blocking")


def test_a_convention_signed_by_both_stays_in_force_for_the_new_attempt(desk: Desk) -> None:
    first = desk.admitted()
    desk.sign_convention(first)
    ended(desk, first, "refused_not_lifted")
    again, routed = reapplied(desk, first)
    carried = convention.find(desk.session, again)
    assert routed["convention_in_force"] is True
    assert carried is not None
    assert carried.in_force
    assert "convention:carried_over" in desk.kinds()


def test_a_convention_signed_by_one_side_must_be_signed_again(desk: Desk) -> None:
    first = desk.admitted()
    convention.send(desk.call(first))
    convention.sign(desk.call(first))
    ended(desk, first, "refused_blocking")
    again, routed = reapplied(desk, first)
    assert routed["convention_in_force"] is False
    assert convention.find(desk.session, again) is None


@pytest.mark.parametrize("end", [None, "listed", "excluded"])
def test_what_is_under_way_listed_or_excluded_is_not_presented_again(
    desk: Desk, end: str | None
) -> None:
    first = desk.deposited()
    if end is not None:
        ended(desk, first, end)
    with pytest.raises(Conflict):
        reapplied(desk, first)


def test_only_the_last_attempt_is_presented_again(desk: Desk) -> None:
    first = ended(desk, desk.deposited(), "refused_blocking")
    again, _ = reapplied(desk, first)
    ended(desk, again, "abandoned")
    with pytest.raises(Conflict):
        reapplied(desk, first)
    assert desk.dossier(reapplied(desk, again)[0]).attempt == 3


@pytest.mark.parametrize("previous", ["2022-001", 1, "1999-001", "999"])
def test_nobody_presents_another_operators_dossier(desk: Desk, previous: object) -> None:
    ended(desk, desk.deposited(0), "refused_blocking")
    with pytest.raises(NotFound):
        reapplied(desk, previous, rank=1)


def test_a_deposit_out_of_time_is_kept_and_told(desk: Desk) -> None:
    late = desk.at("2022-11-23T00:00").deposited()
    deposit.declare_out_of_time(desk.call(late))
    told, _ = desk.told(late, "out_of_time")
    assert "23/11/2022 à 0\u00a0h\u00a000 exclu (DSR 4.2)" in told.body
    assert desk.session.scalar(select(dossier.Dossier.number)) == "2022-001"
