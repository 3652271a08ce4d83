"""What the review of one requirement shows: the index, the file at hand, what was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from web.dossier_words import VERDICTS, Look
from web.instruction_sheets import Sheet, SheetFile, sheets_of
from web.language import _, _l
from web.presence import Around
from web.presence import note as note_presence
from web.review_draft import Row, row_of
from web.runtime import runtime, system_now
from web.words import first_upper
from workflow.domain import interest, read_mark
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.instruction import TO_CLARIFY
from workflow.domain.person import Actor, Person
from workflow.domain.requirement import Requirement
from workflow.domain.solicitation import Question, Solicitation
from workflow.engine import drafts, presence, turn
from workflow.engine.drafts import Draft
from workflow.engine.presence import Place, Seen
from workflow.engine.task_draft import TaskDraft
from workflow.engine.waiting import HumanTask
from workflow.errors import NotFound

TASK = "instruct_dossier"
_MODAL = re.compile(
    r"(?:SI .{1,200}? ALORS )?(?:le service|il) (?P<not>ne )?(?:doit|peut|devrait)(?: pas)? ",
    re.IGNORECASE,
)
"""How the statements of a catalogue begin: what follows tells one from the other."""
MOST_SAID = 20
TO_JUDGE = Look(_l("À juger"), "mute", "ring")
TO_CONFIRM = Look(_l("Reporté, à confirmer"), "wait", "ring")


@dataclass(frozen=True)
class Bench:
    """The dossier on the bench: the open task of whoever may judge, and why another may not."""

    dossier: Dossier
    campaign: Campaign
    task: HumanTask | None
    draft: Draft | None
    bar: str | None
    others: list[Seen]
    """The colleagues who are on the dossier too."""
    is_behind: bool
    """Whether the history has come further than this person had read it."""

    @property
    def may_judge(self) -> bool:
        """Whether this person may write the draft of the task."""
        return self.task is not None and self.bar is None


@dataclass(frozen=True)
class Item:
    """A requirement in the index; `drafted` is what the draft says of it."""

    sheet: Sheet
    drafted: Row | None

    @property
    def code(self) -> str:
        """The requirement's code."""
        return self.sheet.requirement.code

    @property
    def title(self) -> str:
        """What is asked in few words: the statement without « Le service DOIT »."""
        found = _MODAL.match(self.sheet.requirement.statement)
        if found is None:
            return self.sheet.requirement.statement
        asked = self.sheet.requirement.statement[found.end() :]
        return first_upper(f"ne pas {asked}" if found["not"] else asked)

    @property
    def row(self) -> Row:
        """What is said of it so far: drafted, recorded, or carried over to be confirmed."""
        return self.drafted or Row.read(self.sheet.first_answer)

    @property
    def is_carried(self) -> bool:
        """Whether its verdict is that of the previous attempt, not yet confirmed."""
        return self.drafted is None and self.sheet.carried is not None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be judged, or to be judged again."""
        if self.drafted is not None:
            return not self.drafted.verdict
        outdated = self.row.verdict == TO_CLARIFY or self.sheet.is_new_since_verdict
        return not self.row.verdict or self.is_carried or outdated

    @property
    def is_judged(self) -> bool:
        """Whether a definite verdict stands."""
        return self.row.verdict not in ("", TO_CLARIFY) and not self.is_carried

    @property
    def look(self) -> Look:
        """Its mark in the index."""
        if self.is_carried:
            return TO_CONFIRM
        return VERDICTS.get(self.row.verdict, TO_JUDGE)


@dataclass(frozen=True)
class Review:
    """The review of one dossier, standing at one of its requirements."""

    bench: Bench
    items: list[Item]
    at: int
    recommendations: list[Requirement]

    @property
    def item(self) -> Item:
        """The requirement at hand."""
        return self.items[self.at]

    @property
    def judged(self) -> int:
        """How many requirements have a definite verdict."""
        return sum(item.is_judged for item in self.items)

    @property
    def previous(self) -> Item | None:
        """The one before, in the catalogue's order."""
        return self.items[self.at - 1] if self.at else None

    @property
    def following(self) -> Item | None:
        """The one after."""
        return self.items[self.at + 1] if self.at + 1 < len(self.items) else None

    @property
    def next_open(self) -> Item | None:
        """The next one to be judged, from here on and round again; never this one."""
        others = self.items[self.at + 1 :] + self.items[: self.at]
        return next((item for item in others if item.is_open), None)

    @property
    def families(self) -> list[tuple[str, list[Item]]]:
        """The requirements by the first part of their codes, in order."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            found.setdefault(item.code.rpartition("-")[0] or item.code, []).append(item)
        return list(found.items())

    def file(self, proof_id: int | None) -> SheetFile | None:
        """The file at hand: the one asked for, else the first."""
        files = self.item.sheet.files
        chosen = next((each for each in files if each.proof.id == proof_id), None)
        return chosen or (files[0] if files else None)


def bench_of(session: Session, dossier: Dossier, actor: Actor) -> Bench:
    """The open task of the instruction with its draft, for those who may complete it.

    One statement, with who is there too.
    """
    seen = presence.seen_there(actor, system_now())
    rows = session.execute(
        select(
            turn.version_in_force(dossier.campaign_id),
            HumanTask,
            TaskDraft,
            Person.name.label("saver"),
            read_mark.is_behind(actor, Dossier.id),
            *seen.c,
        )
        .select_from(Dossier)
        .outerjoin(
            HumanTask,
            and_(
                HumanTask.dossier_id == Dossier.id,
                HumanTask.element_id == TASK,
                HumanTask.closed_at.is_(None),
            ),
        )
        .outerjoin(TaskDraft, TaskDraft.task_id == HumanTask.id)
        .outerjoin(Person, Person.id == TaskDraft.saved_by)
        .outerjoin(seen, seen.c.dossier_id == Dossier.id)
        .where(Dossier.id == dossier.id)
        .limit(presence.MOST_TOLD)
    ).all()
    found: Any = rows[0]
    version_id, task, kept, saver, is_behind = found[:5]
    others = presence.told_of_rows(rows)
    campaign = turn.campaign_of(session, runtime(), dossier.campaign_id, version_id)
    if task is None or not actor.roles & task.roles:
        return Bench(dossier, campaign, None, None, None, others, bool(is_behind))
    bar = None
    if actor.person_id is not None:
        bar = interest.bar(session, dossier, campaign, actor.person_id)
    draft = None
    if kept is not None and bar is None:
        draft = drafts.kept(kept, saver)
    return Bench(dossier, campaign, task, draft, bar, others, bool(is_behind))


def around_of(bench: Bench, who: Actor) -> Around | None:
    """Who else of the Agency is there; the reader is noted, at the task when they judge."""
    if not presence.is_told_of(who):
        return None
    task_id = bench.task.id if bench.task is not None and bench.may_judge else None
    note_presence(Place(bench.dossier.id, task_id), who)
    return Around(bench.dossier.number, task_id or "", bench.others)


def review_of(session: Session, bench: Bench, code: str | None) -> Review:
    """The review at a requirement, else at the first to be judged; raises NotFound."""
    sheets, recommendations = sheets_of(session, bench.dossier)
    items = [Item(sheet, row_of(bench.draft, known)) for known, sheet in sheets.items()]
    codes = [item.code for item in items]
    first = next((n for n, item in enumerate(items) if item.is_open), 0)
    if not items or (code is not None and code not in codes):
        raise NotFound(
            f"Expected a requirement that binds dossier {bench.dossier.number} but found {code!r}."
            " Choose one of its list."
        )
    return Review(bench, items, first if code is None else codes.index(code), recommendations)


def said_of(
    session: Session, dossier: Dossier, code: str
) -> Sequence[tuple[Question, Solicitation]]:
    """The questions of the instruction that name a requirement, newest first."""
    rows = session.execute(
        select(Question, Solicitation)
        .join(Solicitation, Solicitation.id == Question.solicitation_id)
        .where(
            Solicitation.dossier_id == dossier.id,
            Solicitation.kind == "instruction",
            Question.text.contains(code, autoescape=True),
        )
        .order_by(Solicitation.number.desc(), Question.position)
        .limit(MOST_SAID)
    )
    return [(row[0], row[1]) for row in rows]


def quoted(file_name: str, lines: tuple[int, int]) -> str:
    """How a reason names lines of a file."""
    first, last = lines
    if first == last:
        return _("%(file)s, ligne %(line)s", file=file_name, line=first)
    return _("%(file)s, lignes %(first)s à %(last)s", file=file_name, first=first, last=last)
