"""Operations on questions to the support."""

from __future__ import annotations

from workflow.domain import support_question
from workflow.service_tasks.registry import Call, operation


@operation("support_questions.ask")
def ask(call: Call, *, subject: str, text: str) -> None:
    """Open a thread."""
    support_question.ask(call, subject, text)


@operation("support_questions.answer")
def answer(call: Call, *, text: str) -> None:
    """Answer a question on the tool."""
    support_question.answer(call, text)


@operation("support_questions.redirect")
def redirect(call: Call, *, text: str) -> None:
    """Send a question back, with the way to go."""
    support_question.redirect(call, text)


@operation("support_questions.ask_again")
def ask_again(call: Call, *, text: str) -> None:
    """Write to the support again."""
    support_question.ask_again(call, text)


@operation("support_questions.close")
def close(call: Call) -> None:
    """Close the thread."""
    support_question.close(call)
