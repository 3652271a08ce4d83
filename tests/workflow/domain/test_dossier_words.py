"""Finding a dossier by the beginning of its words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.orm import Session

from workflow.db import Database
from workflow.domain import dossier_word
from workflow.domain.campaign import CampaignVersion
from workflow.domain.dossier import Dossier
from workflow.domain.operator import Operator
from workflow.domain.person import Actor
from workflow.domain.requirement import CatalogueVersion

AT = datetime(2022, 10, 3, 7, tzinfo=UTC)
OFFICER = Actor(1, "Inès Bouvard", frozenset({"admissibility_officer"}), None)
PARTNER = Actor(2, "Fanny Legrand", frozenset({"partner"}), None)


def of_company(operator_id: int) -> Actor:
    """Someone of a company."""
    return Actor(3, "Nadia Ferrand", frozenset({"operator"}), operator_id)


@pytest.fixture
def known(database: Database) -> Database:
    """Two dossiers of two companies."""
    with database.transaction() as session:
        session.execute(
            insert(CatalogueVersion).values(
                id=1, catalogue="rem", version="1", derived=True, sha256="0" * 64
            )
        )
        session.execute(
            insert(CampaignVersion).values(
                id=1,
                campaign_id="c",
                version=1,
                parameters={},
                sha256="0" * 64,
                catalogue_version_id=1,
                deployed_at=AT,
            )
        )
        for number, company, siret, service in (
            (1, "Messageries Alizé SAS", "12345678200010", "Alizé Santé Pro"),
            (2, "Nacre SAS", "98765432400019", "Nacre Écho-Messages"),
        ):
            session.add(Operator(id=number, company_name=company, siret=siret))
            session.flush()
            dossier = a_dossier(number, company, siret, service)
            session.add(dossier)
            session.flush()
            dossier_word.learn(session, dossier)
    return database


def a_dossier(number: int, company: str, siret: str, service: str) -> Dossier:
    """A dossier with the facts that are searched."""
    return Dossier(
        number=f"2022-00{number}",
        campaign_id="c",
        campaign_version_id=1,
        catalogue_version_id=1,
        operator_id=number,
        company_name=company,
        siret=siret,
        legal_representative_name="Odile Fictive",
        legal_representative_email="direction@operateur.example",
        legal_representative_phone="01 99 00 00 00",
        contact_name="Dominique Fictif",
        service_name=service,
        service_version="1.0",
        dsr="DSR",
        profiles=["general"],
        planned_proof_on=AT.date(),
        publication_authorised=False,
        commitments=[],
        attempt=1,
        deposited_at=AT,
    )


def found(session: Session, actor: Actor, typed: str) -> list[str]:
    """The numbers that a search finds."""
    return [each.number for each in dossier_word.search(session, actor, typed)]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("ali", ["2022-001"]),
        ("ALIZE sant", ["2022-001"]),
        ("écho", ["2022-002"]),
        ("echo", ["2022-002"]),
        ("2022", ["2022-002", "2022-001"]),
        ("2022-002", ["2022-002"]),
        ("2022001", ["2022-001"]),
        ("123456782", ["2022-001"]),
        ("fictive odile", ["2022-002", "2022-001"]),
        ("alize nacre", []),
        ("lize", []),
        ("a", []),
        ("  ", []),
        ("%", []),
        ("' OR 1=1 --", []),
    ],
)
def test_someone_of_the_agency_finds_by_the_beginning_of_words(
    known: Database, typed: str, numbers: list[str]
) -> None:
    with known.reading() as session:
        assert found(session, OFFICER, typed) == numbers


def test_an_operator_finds_its_own_dossiers_only(known: Database) -> None:
    with known.reading() as session:
        assert found(session, of_company(1), "2022") == ["2022-001"]
        assert found(session, of_company(2), "alize") == []


def test_an_invited_partner_finds_nothing(known: Database) -> None:
    with known.reading() as session:
        assert found(session, PARTNER, "2022") == []


def test_a_corrected_name_is_found_and_the_old_one_is_not(known: Database) -> None:
    with known.transaction() as session:
        dossier = session.get_one(Dossier, 1)
        dossier.service_name = "Zéphyr"
        dossier_word.learn_again(session, dossier)
    with known.reading() as session:
        assert found(session, OFFICER, "zephyr") == ["2022-001"]
        assert found(session, OFFICER, "sante") == []


@given(st.text(max_size=200))
def test_what_is_kept_is_found_by_each_beginning_of_it(text: str) -> None:
    for word in dossier_word.words_of(text):
        assert len(word) <= dossier_word.LONGEST_WORD
        assert dossier_word.words_of(word) == [word]
