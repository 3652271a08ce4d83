"""What the checks are given, and what they answer: facts only, no rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from workflow.engine.source_file import SourceFile


class FormKeys(Protocol):
    """What the checks need to know of a form: its field keys, and which of them are kept."""

    @property
    def keys(self) -> frozenset[str]:
        """Every field key; an answer is visible to expressions by these names."""
        ...

    @property
    def variables(self) -> frozenset[str]:
        """The keys that stay as variables after the turn of the answer."""
        ...


@dataclass(frozen=True)
class OperationShape:
    """An operation a diagram may call: its parameters and what its result holds.

    ``outputs`` maps each key of the result to its FEEL type.
    """

    name: str
    parameters: Collection[str] = ()
    required: frozenset[str] = frozenset()
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class CampaignShape:
    """A campaign: its delay keys, and its constants as dotted names (``campaign.opens_at``)."""

    id: str
    delay_keys: frozenset[str]
    constants: frozenset[str]


@dataclass(frozen=True)
class CheckContext:
    """What surrounds the files that are checked.

    ``deployed`` are the files in force: they complete the deployment and their own faults are
    not reported. ``functions`` are the FEEL functions the engine lends besides the built-ins.
    """

    forms: Mapping[str, FormKeys]
    operations: Mapping[str, OperationShape]
    campaigns: Sequence[CampaignShape]
    roles: frozenset[str]
    deployed: Sequence[SourceFile] = ()
    functions: frozenset[str] = frozenset({"deadline"})


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one place: what it is and what to do, in French and in English.

    ``element`` is the id of the element, empty when the fault is the whole file's.
    """

    code: str
    file: str
    element: str
    message: str
    remedy: str
    message_en: str
    remedy_en: str
