"""What a process needs to run dossiers: database, clock, forms, files, settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflow.clock import Clock
from workflow.db import Database
from workflow.domain.file_store import FileStore
from workflow.engine.forms import Forms
from workflow.engine.spec_cache import SpecCache
from workflow.settings import Settings


@dataclass
class Runtime:
    """Handed to every door; holds nothing about any one dossier."""

    database: Database
    clock: Clock
    forms: Forms
    files: FileStore
    settings: Settings
    specs: SpecCache = field(default_factory=SpecCache)
