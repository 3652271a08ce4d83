"""What the engine refuses, each as a fact."""

from __future__ import annotations

from workflow.errors import Conflict, InvalidInput, LimitExceeded


class DiagramUnreadable(InvalidInput):
    """A diagram or a decision table cannot be read, or asks for what the engine cannot run.

    ``file`` and ``element`` say where, when it is known.
    """

    code = "diagram_unreadable"

    def __init__(self, message: str, *, file: str, element: str | None = None) -> None:
        where = f"{file}, {element}: " if element else f"{file}: "
        super().__init__(where + message)
        self.file = file
        self.element = element


class TaskNotOpen(Conflict):
    """The task is already done, cancelled, held, or was never open."""

    code = "task_not_open"


class _AtElement(InvalidInput):
    """A fault of the diagram met while it runs: nothing of the turn may be kept."""

    def __init__(self, message: str, *, element: str) -> None:
        super().__init__(f"{element}: {message}")
        self.element = element


class ExpressionFailed(_AtElement):
    """An expression of the diagram is not FEEL, or asks for too much work."""

    code = "expression_failed"


class ConditionNotBoolean(_AtElement):
    """A condition gives neither true, false nor null."""

    code = "condition_not_boolean"


class NoWayOut(_AtElement):
    """No condition of a gateway holds and it has no default flow."""

    code = "no_way_out"


class TimerInvalid(_AtElement):
    """A timer's expression gives neither a deadline, an instant nor a date."""

    code = "timer_invalid"


class UncaughtError(_AtElement):
    """A BPMN error that no enclosing activity catches."""

    code = "uncaught_error"


class ExecutionFailed(_AtElement):
    """The library refuses what the diagram asks for."""

    code = "execution_failed"


class NotStorable(InvalidInput):
    """A value that an instance cannot keep."""

    code = "not_storable"


class EndlessRun(LimitExceeded):
    """The diagram goes round without ever reaching a wait."""

    code = "endless_run"


class StateUnreadable(InvalidInput):
    """A stored state that these diagrams cannot read."""

    code = "state_unreadable"
