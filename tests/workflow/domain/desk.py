"""A desk to act from in the domain's tests: a session, a clock, people, and dossiers to act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock import PARIS, VirtualClock
from workflow.domain import (
    admissibility,
    campaign,
    clock_ledger,
    college,
    convention,
    deposit,
    dossier,
    instruction,
    instruction_queue,
    proof,
    requirement,
)
from workflow.domain.call import Call
from workflow.domain.file_store import FolderStore
from workflow.domain.notification import Notification
from workflow.domain.operator import Operator
from workflow.domain.person import Actor

MAPPING: dict[str, Any] = {
    "id": "dsr-ope-mss-2022",
    "dsr": "DSR-OPE-MSS",
    "opens_at": "2022-09-12T00:00",
    "closes_at": {"instant": "2022-11-23T00:00", "basis": "DSR 4.2"},
    "time_zone": "Europe/Paris",
    "holidays": "metropole",
    "closed_days": [],
    "profiles": ["general", "bal_app"],
    "catalogue": "three-requirements",
    "delays": {
        "admissibility_check": {
            "amount": 7,
            "unit": "day",
            "counting": "calendar",
            "effect": "indicative",
            "source": "DSR 4.2",
        },
        "admissibility_solicitation": {"amount": 5, "unit": "day", "counting": "business"},
        "solicitation_deprioritise": {"amount": 24, "unit": "hour", "counting": "elapsed"},
        "solicitation_delay": {"amount": 5, "unit": "day", "counting": "calendar"},
        "solicitation_abandon": {"amount": 30, "unit": "day", "counting": "calendar"},
        "instruction": {"amount": 42, "unit": "day", "counting": "active", "effect": "indicative"},
        "reservation_lifting": {"amount": 28, "unit": "day", "counting": "calendar"},
    },
    "college": {
        "weekday": "thursday",
        "time": "10:00",
        "on_closed_day": "previous_business_day",
        "quorum": 3,
    },
}
CATALOGUE = [
    {
        "id": "TLS-01",
        "statement": "Le service DOIT accepter TLS 1.2.",
        "type": "mandatory",
        "profile": "general",
        "proof_1": "log",
        "proof_2": "capture",
    },
    {
        "id": "APP-01",
        "statement": "Le service DOIT authentifier par certificat.",
        "type": "conditional",
        "profile": "bal_app",
        "proof_1": "video",
    },
    {
        "id": "CFG-01",
        "statement": "Le service PEUT offrir une BAL de test.",
        "type": "recommendation",
        "profile": "general",
    },
]
SIRETS = ("73282932000074", "35600000000048", "55208131766522", "44306184100047")
COMMITMENTS = dict.fromkeys(dossier.COMMITMENTS, True)
MEMBERS = ["Membre A", "Membre B", "Membre C"]


def paris(text: str) -> datetime:
    """An instant as the clock on a wall in Paris shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@dataclass
class Desk:
    """Acts on dossiers at the instant of its clock; every act has its own call."""

    session: Session
    clock: VirtualClock
    campaign: campaign.Campaign
    store: FolderStore
    calls: list[Call] = field(default_factory=list[Call])

    @classmethod
    def opened(cls, session: Session, folder: Path, **changes: Any) -> Desk:
        """A desk on 2022-10-03 with the campaign deployed, its parameters changed as said."""
        clock = VirtualClock(paris("2022-10-03T09:00"))
        mapping = campaign.merge(MAPPING, changes)
        deployed = campaign.deploy(session, mapping, CATALOGUE, clock.now(), None)
        return cls(session, clock, deployed, FolderStore(folder))

    def at(self, text: str) -> Desk:
        """Let time pass to an instant in Paris."""
        self.clock.move_to(paris(text))
        return self

    def operator(self, rank: int = 0) -> Actor:
        """A person of the operator of that rank, created when first met."""
        found = self.session.scalars(select(Operator).where(Operator.siret == SIRETS[rank])).first()
        if found is None:
            found = Operator(company_name=f"Opérateur {rank}", siret=SIRETS[rank])
            self.session.add(found)
            self.session.flush()
        return Actor(None, f"Contact {rank}", frozenset({"operator"}), found.id)

    def agent(self, role: str) -> Actor:
        """Someone of the Agency."""
        return Actor(None, role, frozenset({role}), None)

    def call(
        self,
        dossier_id: int | None = None,
        actor: Actor | None = None,
        answer: Mapping[str, Any] | None = None,
    ) -> Call:
        """A call of the present instant."""
        made = Call(
            session=self.session,
            effective_at=self.clock.now(),
            recorded_at=self.clock.now(),
            actor=actor or self.agent("instructor"),
            campaign=self.campaign,
            answer=answer or {},
            instance_id=1,
            dossier_id=dossier_id,
        )
        self.calls.append(made)
        return made

    def application(self, rank: int = 0, **changes: Any) -> dict[str, Any]:
        """A candidature that lacks nothing."""
        return {
            "company_name": f"Opérateur {rank}",
            "siret": SIRETS[rank],
            "legal_representative_name": "Camille Exemple",
            "legal_representative_email": "camille@example.fr",
            "legal_representative_phone": "+33 1 00 00 00 00",
            "contact_name": "Dominique Exemple",
            "service_name": f"Messagerie {rank}",
            "service_version": "1.0",
            "dsr": "DSR-OPE-MSS",
            "planned_proof_on": date(2022, 11, 2),
            "publication_authorised": False,
            "profiles": ["general"],
            **COMMITMENTS,
            **changes,
        }

    def deposited(self, rank: int = 0, **changes: Any) -> int:
        """A dossier just deposited."""
        call = self.call(actor=self.operator(rank))
        deposit.deposit(call, self.application(rank, **changes))
        assert call.dossier_id is not None
        return call.dossier_id

    def admitted(self, rank: int = 0, **changes: Any) -> int:
        """A dossier that may deposit its proofs."""
        dossier_id = self.deposited(rank, **changes)
        admissibility.admit(self.call(dossier_id))
        proof.open_file(self.call(dossier_id))
        return dossier_id

    def sign_convention(self, dossier_id: int) -> None:
        """Send the convention and have both parties sign it."""
        convention.send(self.call(dossier_id))
        convention.sign(self.call(dossier_id))
        convention.countersign(self.call(dossier_id))

    def attach_all(self, dossier_id: int, rank: int = 0) -> None:
        """Attach every expected proof and answer the questionnaire."""
        call = self.call(dossier_id, self.operator(rank))
        for expected in requirement.expected_proofs(self.session, self.dossier(dossier_id)):
            proof.attach(
                call,
                requirement_code=expected.requirement_code,
                position=expected.position,
                file_name="preuve.txt",
                media_type="text/plain",
                stored=self.store.put(b"Une preuve fictive."),
            )
        proof.answer_ssi(call, {"antivirus": "oui"})

    def submitted(self, rank: int = 0, **changes: Any) -> int:
        """A dossier in the queue, its clock running."""
        dossier_id = self.admitted(rank, **changes)
        self.attach_all(dossier_id, rank)
        proof.submit(self.call(dossier_id, self.operator(rank)))
        instruction_queue.enter(self.call(dossier_id))
        proof.notify_complete(self.call(dossier_id))
        clock_ledger.start(self.call(dossier_id), "instruction", "complete_proof_file")
        return dossier_id

    def ready(self, rank: int = 0, verdict: str = "conform") -> int:
        """A dossier that waits for the college."""
        dossier_id = self.submitted(rank)
        self.sign_convention(dossier_id)
        rows = [{"requirement": "TLS-01", "verdict": verdict}]
        instruction.record_verdicts(self.call(dossier_id), rows)
        instruction.conclude(self.call(dossier_id))
        instruction_queue.leave(self.call(dossier_id))
        return dossier_id

    def decided(self, dossier_id: int, outcome: str, *texts: str) -> Call:
        """The college decides on one dossier, with minor reservations of these texts."""
        session_id = college.schedule(self.call())["session_id"]
        call = self.call()
        decision = {
            "dossier": self.dossier(dossier_id).number,
            "outcome": outcome,
            "reservations": [
                {"requirement": "TLS-01", "nature": "minor", "text": text} for text in texts
            ],
        }
        college.decide(call, session_id, MEMBERS, [decision])
        return call

    def dossier(self, dossier_id: int) -> dossier.Dossier:
        """A dossier's row."""
        return dossier.get(self.session, dossier_id)

    def operator_of(self, session: Session, dossier_id: int) -> Actor:
        """A person of a dossier's operator, met in another session."""
        operator_id = dossier.get(session, dossier_id).operator_id
        return Actor(None, "Contact", frozenset({"operator"}), operator_id)

    def kinds(self) -> list[str]:
        """The kinds of every fact recorded so far."""
        return [entry.kind for call in self.calls for entry in call.entries]

    def told(self, dossier_id: int, kind: str) -> list[Notification]:
        """The notifications of one kind on a dossier."""
        self.session.flush()
        return list(
            self.session.scalars(
                select(Notification)
                .where(Notification.dossier_id == dossier_id, Notification.kind == kind)
                .order_by(Notification.role)
            )
        )
