"""A file of a deployment as it was handed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceFile:
    """One ``.bpmn`` or ``.dmn`` file: its name within the deployment and its bytes."""

    name: str
    content: bytes
