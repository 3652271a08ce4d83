"""Sessions of the college as the diagrams hold them, on both databases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from workflow.audit_log import AuditEntry
from workflow.clock import PARIS
from workflow.db import Database
from workflow.domain.college import CollegeDecision, CollegeSession
from workflow.scenarios import Procedure, read, run
from workflow.settings import PROJECT

STORIES = PROJECT / "bpmn" / "scenarios"


def test_a_session_on_ascension_day_opens_on_the_last_open_day_before(
    database: Database, procedure: Procedure
) -> None:
    run(read(STORIES / "seance_du_jeudi_de_l_ascension.yaml"), procedure, database)
    with database.reading() as session:
        second = session.scalars(select(CollegeSession).where(CollegeSession.number == 2)).one()
        tuesday = datetime(2023, 5, 16, 10, 0, tzinfo=PARIS)
        assert second.scheduled_at == tuesday
        opened = session.scalars(
            select(AuditEntry).where(AuditEntry.kind == "college:convened").order_by(AuditEntry.id)
        ).all()
        assert [entry.facts["session"] for entry in opened if entry.facts] == [1, 2]
        assert opened[1].effective_at == tuesday


def test_the_minutes_say_who_sat_who_was_recused_and_what_was_decided(
    database: Database, procedure: Procedure
) -> None:
    run(read(STORIES / "agence_candidate_conflits_d_interets.yaml"), procedure, database)
    with database.reading() as session:
        held = session.scalars(
            select(CollegeSession).where(CollegeSession.held_at.is_not(None))
        ).one()
        assert held.minutes_number == "PV-2022-001"
        assert held.partners == [{"organisation": "CNDA", "name": "Partenaire fictif"}]
        text = held.minutes_text or ""
        for line in (
            "Procès-verbal PV-2022-001",
            "Tenue le 20/10/2022 à 10 h 15, heure de Paris.",
            "Membres présents (4, quorum 3) :",
            "- Partenaire fictif (CNDA)",
            "  Déportés, sans voix sur ce dossier : Membre fictif 3.",
            "  Ont déclaré n’avoir aucun conflit d’intérêts : Membre fictif 1, Membre fictif 2,"
            " Membre fictif 4.",
        ):
            assert line in text.splitlines()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.kind == "college:held")).one()
        assert entry.facts is not None
        assert entry.facts["minutes"] == "PV-2022-001"
        first = session.scalars(select(CollegeDecision).order_by(CollegeDecision.id)).first()
        assert first is not None
        assert first.recused == ["Membre fictif 3"]
