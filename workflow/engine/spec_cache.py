"""Parsed diagrams, campaigns and catalogues, kept per version: none changes once deployed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

from workflow.domain.campaign import Campaign
from workflow.domain.proof_progress import Asked
from workflow.engine.spiff import Diagrams


class SpecCache:
    """Shared by the threads of a process; versions are immutable, so nothing is ever evicted."""

    def __init__(self) -> None:
        self._diagrams: dict[int, Diagrams] = {}
        self._campaigns: dict[int, Campaign] = {}
        self._asked: dict[int, Sequence[Asked]] = {}
        self._lock = Lock()

    def diagrams(self, deployment_id: int, load: Callable[[], Diagrams]) -> Diagrams:
        """The diagrams of a deployment, parsed at the first use."""
        found = self._diagrams.get(deployment_id)
        if found is None:
            with self._lock:
                found = self._diagrams.get(deployment_id)
                if found is None:
                    found = self._diagrams[deployment_id] = load()
        return found

    def forget_campaigns(self) -> None:
        """Read campaigns anew: one was parsed before its transaction was undone."""
        self._campaigns.clear()

    def campaign(self, version_id: int, load: Callable[[], Campaign]) -> Campaign:
        """A campaign's parameters at one version, read at the first use."""
        found = self._campaigns.get(version_id)
        if found is None:
            found = self._campaigns[version_id] = load()
        return found

    def proofs_asked(self, version_id: int, load: Callable[[], Sequence[Asked]]) -> Sequence[Asked]:
        """The proofs that a version of a catalogue asks for, read at the first use."""
        found = self._asked.get(version_id)
        if found is None:
            found = self._asked[version_id] = load()
        return found
