"""The operator's answer to a solicitation: question by question, or one text for the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.domain import solicitation
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.notification import notify
from workflow.domain.solicitation import Question, Solicitation
from workflow.errors import InvalidAnswer

LONGEST_ANSWER = 20_000

Rows = Sequence[Mapping[str, Any]]


def record(call: Call, answer: str | None, answers: Rows | None = None) -> None:
    """Keep an answer, which closes the solicitation.

    `answers` are {question: its number, text}; as soon as one is given, every question needs its
    own, and `answer` is a remark besides. Without any, `answer` answers the whole. A diagram of
    before questions had their own answers gives only `answer`: the form's are then taken.
    Raises InvalidAnswer, Conflict when no solicitation is open.
    """
    remark = answer.strip() if isinstance(answer, str) else ""
    rows = call.answer.get("answers") if answers is None else answers
    _require_length("answer", remark)
    open_one = solicitation.require_open(call)
    questions = solicitation.questions_of(call.session, open_one.id)
    given = _by_question(rows or (), {each.position for each in questions})
    if not given and not remark:
        _require_all(questions if rows else (), given, rows or ())
        raise _nothing_said()
    if given:
        _require_all(questions, given, rows or ())
    for question in questions:
        question.answer = given.get(question.position)
    _close(call, open_one, remark, given)


def _close(call: Call, open_one: Solicitation, remark: str, given: Mapping[int, str]) -> None:
    open_one.answer = remark or None
    open_one.answered_at = open_one.closed_at = call.effective_at
    open_one.answered_by = call.actor.person_id
    facts: dict[str, Any] = {
        "kind": open_one.kind,
        "number": open_one.number,
        "answer": open_one.answer,
    }
    if given:
        facts["answers"] = [[position, text] for position, text in sorted(given.items())]
    call.record(AuditKind.SOLICITATION_ANSWERED, facts)
    role = solicitation.ASKING_ROLE[open_one.kind]
    notify(call, role, "solicitation_answered", solicitation=open_one.number)


def _by_question(rows: Rows, known: set[int]) -> dict[int, str]:
    """The texts by question, blank ones left out; a question answered twice or unknown is not."""
    given: dict[int, str] = {}
    for index, row in enumerate(rows):
        text = str(row.get("text") or "").strip()
        if not text:
            continue
        _require_length(f"answers.{index}.text", text)
        position = _number(row.get("question"))
        if position not in known or position in given:
            raise InvalidAnswer(
                f"Expected each answer to name one of questions {sorted(known)}, once, but found"
                f" {row.get('question')!r}. Correct the number.",
                {f"answers.{index}.question": ["Indiquez le numéro d’une question, une fois."]},
            )
        given[position] = text
    return given


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def _require_length(field: str, text: str) -> None:
    if len(text) > LONGEST_ANSWER:
        raise InvalidAnswer(
            f"Expected an answer of at most {LONGEST_ANSWER} characters but found {len(text)}."
            " Shorten it.",
            {field: [f"Rédigez une réponse de {LONGEST_ANSWER} caractères au plus."]},
        )


def _require_all(questions: Sequence[Question], given: Mapping[int, str], rows: Rows) -> None:
    missing = [each.position for each in questions if each.position not in given]
    if not missing:
        return
    places = {_number(row.get("question")): index for index, row in enumerate(rows)}
    faults: dict[str, list[str]] = {}
    for position in missing:
        field = f"answers.{places[position]}.text" if position in places else "answers"
        sentence = f"La réponse à la question {position} manque."
        faults.setdefault(field, []).append(sentence)
    raise InvalidAnswer(
        f"Expected an answer to each question but {len(missing)} have none. Answer them all, or"
        " answer the whole in one text.",
        faults,
    )


def _nothing_said() -> InvalidAnswer:
    return InvalidAnswer(
        "Expected an answer but found none. Answer each question, or the whole in one text.",
        {"answer": ["La réponse manque. Répondez à chacune des questions posées."]},
    )
