"""A place in a form file that reads its attributes by type and notes what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflow.errors import InvalidInput


@dataclass(frozen=True)
class FormFault:
    """One thing a form file may not say; ``path`` is its place, as ``components[2].validate``."""

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}, {self.path or 'whole file'}: {self.message}"


class InvalidForm(InvalidInput):
    """One or more form files cannot be used; ``faults`` holds every reason, never none."""

    code = "invalid_form"

    def __init__(self, faults: Sequence[FormFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)
        self.file = faults[0].file
        self.path = faults[0].path


@dataclass(frozen=True)
class Part:
    """One JSON object of a form file, where it stands, and the shared list of faults."""

    file: str
    path: str
    entries: Mapping[str, Any]
    faults: list[FormFault]

    def refuse(self, message: str, name: str = "") -> None:
        """Note a fault of this part, or of one of its attributes."""
        path = ".".join(filter(None, (self.path, name)))
        self.faults.append(FormFault(self.file, path, message))

    def get(self, name: str) -> Any:
        """An attribute as it is."""
        return self.entries.get(name)

    def text(self, name: str) -> str:
        """A plain text, empty when absent; expressions and templates are refused."""
        value = self.entries.get(name, "")
        if not isinstance(value, str):
            self.refuse(f"Expected a text but found {_kind(value)}. Put it in quotes.", name)
            return ""
        if value.startswith("=") or "{{" in value:
            self.refuse(
                "Expected plain text but found an expression. Only conditional.hide takes FEEL.",
                name,
            )
        return value

    def flag(self, name: str) -> bool:
        """True or false; false when absent."""
        value = self.entries.get(name, False)
        if not isinstance(value, bool):
            self.refuse(f"Expected true or false but found {_kind(value)}. Choose one.", name)
            return False
        return value

    def count(self, name: str, otherwise: int, most: int) -> int:
        """A whole number from 0 to ``most``."""
        value = self.entries.get(name, otherwise)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self.refuse(f"Expected a whole number from 0 to {most} but found another.", name)
            return otherwise
        return value

    def number(self, name: str) -> Decimal | None:
        """A number, None when absent."""
        value = self.entries.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.refuse(f"Expected a number but found {_kind(value)}. Remove its quotes.", name)
            return None
        return Decimal(str(value))

    def part(self, name: str) -> Part:
        """An object under this one, empty when absent."""
        return self.child(self.entries.get(name, {}), name)

    def parts(self, name: str) -> list[Part]:
        """The objects of a list under this one."""
        value = self.entries.get(name)
        if not isinstance(value, list):
            self.refuse(f"Expected a list but found {_kind(value)}. Export the form again.", name)
            return []
        return [self.child(entry, f"{name}[{index}]") for index, entry in enumerate(value)]

    def child(self, value: Any, name: str) -> Part:
        """A part for a value found under this one."""
        if not isinstance(value, dict):
            self.refuse(f"Expected an object but found {_kind(value)}. Export it again.", name)
            value = {}
        path = ".".join(filter(None, (self.path, name)))
        return Part(self.file, path, value, self.faults)


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
