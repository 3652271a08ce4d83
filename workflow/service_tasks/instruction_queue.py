"""Operations on the instruction queue."""

from __future__ import annotations

from workflow.domain import instruction_queue
from workflow.service_tasks.registry import Call, operation


@operation("instruction_queue.enter")
def enter(call: Call) -> None:
    """Queue the dossier."""
    instruction_queue.enter(call)


@operation("instruction_queue.deprioritise")
def deprioritise(call: Call) -> None:
    """Put the dossier after all others while it is unanswered."""
    instruction_queue.deprioritise(call)


@operation("instruction_queue.rank_answer")
def rank_answer(call: Call) -> None:
    """Rank a deprioritised dossier by its late answer."""
    instruction_queue.rank_answer(call)


@operation("instruction_queue.give_back_rank")
def give_back_rank(call: Call) -> None:
    """Give a dossier the rank it had before its solicitation, which was withdrawn."""
    instruction_queue.give_back_rank(call)


@operation("instruction_queue.leave")
def leave(call: Call) -> None:
    """Take the dossier out of the queue."""
    instruction_queue.leave(call)
