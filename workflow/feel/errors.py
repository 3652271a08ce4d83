"""The two refusals an expression can meet; every other fault is null, as the standard says."""

from __future__ import annotations

from workflow.errors import InvalidInput, LimitExceeded


class FeelSyntaxError(InvalidInput):
    """The text is not FEEL; ``position`` counts characters from 0, when it is known."""

    code = "feel_syntax"

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class FeelLimitExceeded(LimitExceeded):
    """The expression is too long, too deep, or asks for too much work."""

    code = "feel_limit"


class DecisionConflict(InvalidInput):
    """Several rules of a decision table matched where its hit policy allows one answer."""

    code = "decision_conflict"

    def __init__(self, message: str, rules: list[int]) -> None:
        super().__init__(message)
        self.rules = rules
