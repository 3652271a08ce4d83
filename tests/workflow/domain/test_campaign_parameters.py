"""Campaigns: read whole, refused with every fault, versioned with their catalogue."""

from __future__ import annotations

from datetime import date

import pytest
from desk import CATALOGUE, MAPPING, Desk, paris
from sqlalchemy.orm import Session

from workflow.domain import campaign, requirement
from workflow.domain.campaign import InvalidCampaign
from workflow.errors import NotFound

NOON = paris("2022-09-12T12:00")


@pytest.mark.rule(43, 46)
def test_the_closing_is_an_instant_in_paris_with_its_legal_basis() -> None:
    read = campaign.parse(MAPPING)
    assert read.closes_at.instant.isoformat() == "2022-11-22T23:00:00+00:00"
    assert read.closes_at.basis == "DSR 4.2"
    assert read.feel_constants()["campaign"]["closes_at"] == paris("2022-11-23T00:00")


def test_dates_may_come_as_yaml_reads_them() -> None:
    closing = {"instant": date(2022, 11, 23), "basis": "DSR 4.2"}
    read = campaign.parse(campaign.merge(MAPPING, {"closes_at": closing}))
    assert read.closes_at.instant == paris("2022-11-23T00:00")
    assert read.parameters["closes_at"]["instant"] == "2022-11-23"


def test_every_fault_is_told_at_once_by_its_path() -> None:
    wrong = campaign.merge(
        MAPPING,
        {
            "surprise": 1,
            "opens_at": "tomorrow",
            "closes_at": {"basis": ""},
            "holidays": "atlantide",
            "closed_days": ["2022-13-01"],
            "profiles": ["bal_app"],
            "delays": {"solicitation_abandon": {"amount": -1}, "instruction": {"unit": "month"}},
            "college": {"time": 600, "quorum": 0},
        },
    )
    del wrong["delays"]["solicitation_delay"]
    with pytest.raises(InvalidCampaign) as refused:
        campaign.parse(wrong)
    assert {fault.split(":")[0] for fault in refused.value.faults} == {
        "surprise",
        "opens_at",
        "closes_at.basis",
        "holidays",
        "closed_days[0]",
        "profiles",
        "delays.solicitation_abandon",
        "delays.solicitation_delay",
        "delays.instruction",
        "college",
        "college.quorum",
    }


def test_a_campaign_that_closes_before_it_opens_is_refused() -> None:
    early = {"closes_at": {"instant": "2022-09-01T00:00", "basis": "DSR 4.2"}}
    with pytest.raises(InvalidCampaign, match=r"closes_at\.instant"):
        campaign.parse(campaign.merge(MAPPING, early))


@pytest.mark.parametrize("document", [None, [], "text", 3])
def test_what_is_no_mapping_is_no_campaign(document: object) -> None:
    with pytest.raises(InvalidCampaign):
        campaign.parse(document)


def test_overrides_are_laid_over_key_by_key() -> None:
    merged = campaign.merge(MAPPING, {"college": {"quorum": 5}, "profiles": ["general"]})
    assert merged["college"]["weekday"] == "thursday"
    assert (merged["college"]["quorum"], merged["profiles"]) == (5, ["general"])
    assert MAPPING["college"]["quorum"] == 3


def test_the_last_version_deployed_is_in_force(session: Session) -> None:
    first = campaign.deploy(session, MAPPING, CATALOGUE, NOON, None)
    same = campaign.deploy(session, MAPPING, CATALOGUE, NOON, None)
    moved = campaign.merge(
        MAPPING, {"closes_at": {"instant": "2022-12-01T14:00", "basis": "arrêté"}}
    )
    changed = campaign.deploy(session, moved, CATALOGUE, NOON, None)
    assert same.version_id == first.version_id != changed.version_id
    assert campaign.active(session, first.id).closes_at.basis == "arrêté"
    assert campaign.latest(session).version_id == changed.version_id
    assert [version.version for version in campaign.versions(session, first.id)] == [2, 1]


def test_an_unknown_campaign_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        campaign.active(session, "dsr-nowhere")
    with pytest.raises(NotFound):
        campaign.latest(session)


def test_a_catalogue_is_refused_with_the_rows_at_fault(session: Session) -> None:
    rows = [
        {"id": "A", "statement": "…", "type": "optional", "profile": "general"},
        {"id": "A", "statement": "", "type": "mandatory", "profile": "other", "proof_1": "song"},
    ]
    with pytest.raises(InvalidCampaign) as refused:
        campaign.deploy(session, MAPPING, rows, NOON, None)
    assert {fault.split(":")[0] for fault in refused.value.faults} == {
        "catalogue[1].type",
        "catalogue[2].id",
        "catalogue[2].statement",
        "catalogue[2].profile",
        "catalogue[2].proofs",
    }


@pytest.mark.rule(16)
def test_a_changed_catalogue_does_not_change_under_a_dossier(desk: Desk) -> None:
    dossier = desk.dossier(desk.deposited())
    before = [found.code for found in requirement.applicable(desk.session, dossier)]
    stricter = [*CATALOGUE, {**CATALOGUE[0], "id": "TLS-02"}]
    changed = campaign.deploy(desk.session, MAPPING, stricter, desk.clock.now(), None)
    assert changed.catalogue_version_id != dossier.catalogue_version_id
    assert [found.code for found in requirement.applicable(desk.session, dossier)] == before


@pytest.mark.rule(33, 38, 39)
def test_a_profile_brings_its_conditional_requirements_and_never_a_recommendation(
    desk: Desk,
) -> None:
    general, both = (
        desk.dossier(desk.deposited(rank, profiles=profiles))
        for rank, profiles in enumerate((["general"], ["bal_app"]))
    )
    assert [found.code for found in requirement.applicable(desk.session, general)] == ["TLS-01"]
    assert [found.code for found in requirement.applicable(desk.session, both)] == [
        "TLS-01",
        "APP-01",
    ]


@pytest.mark.parametrize(
    ("overrides", "path"),
    [
        ({"opens_at": "0001-01-01"}, "opens_at"),
        ({"closes_at": {"instant": "9999-12-31T23:59:59"}}, "closes_at.instant"),
        ({"holidays": ["metropole"]}, "holidays"),
        ({"closed_days": 0}, "closed_days"),
        ({"closed_days": {"2022-12-26": True}}, "closed_days"),
        ({"college": {"quorum": 10**30}}, "college.quorum"),
        ({"id": "dsr\0"}, "id"),
    ],
)
def test_a_parameter_that_nothing_can_be_computed_from_is_told_by_its_path(
    overrides: dict[str, object], path: str
) -> None:
    with pytest.raises(InvalidCampaign) as refused:
        campaign.parse(campaign.merge(MAPPING, overrides))
    assert [fault.split(":")[0] for fault in refused.value.faults] == [path]
