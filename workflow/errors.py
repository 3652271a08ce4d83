"""Every refusal Jalon can pronounce, as one tree.

JalonError
├── NotAllowed            not_allowed     403   the person's role does not permit the act
├── NotFound              not_found       404   no such thing, or none this person may see
├── InvalidAnswer         invalid_answer  422   what was typed does not satisfy the form
├── Conflict              conflict        409   stale, already done, held
│   └── OutOfTime         out_of_time     409   an answer after its deadline fired
├── InvalidInput          invalid_input   422   a file, a parameter or a value that cannot be read
└── LimitExceeded         limit_exceeded  413   too large, too deep, too long

The message is a sentence: what was expected, what was found, what to do next.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class JalonError(Exception):
    """A refusal with a stable code; nothing was changed."""

    code = "error"
    http_status = 400


class NotAllowed(JalonError):
    """The person's role does not permit the act."""

    code = "not_allowed"
    http_status = 403


class NotFound(JalonError):
    """No such thing, or none this person may see."""

    code = "not_found"
    http_status = 404


@dataclass(eq=False)
class InvalidAnswer(JalonError):
    """What was typed does not satisfy the form; ``faults`` maps field keys to sentences."""

    message: str
    faults: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    code = "invalid_answer"
    http_status = 422

    def __str__(self) -> str:
        return self.message


class Conflict(JalonError):
    """Stale, already done, or held."""

    code = "conflict"
    http_status = 409


class OutOfTime(Conflict):
    """An answer that comes after its deadline fired."""

    code = "out_of_time"


class InvalidInput(JalonError):
    """A file, a parameter or a value that cannot be read."""

    code = "invalid_input"
    http_status = 422


class LimitExceeded(JalonError):
    """Too large, too deep or too long."""

    code = "limit_exceeded"
    http_status = 413
