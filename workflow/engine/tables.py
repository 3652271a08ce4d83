"""Every table of the product, so that metadata and migrations see them all."""

from workflow import audit_log, outbox
from workflow.db import Base
from workflow.domain import tables as domain_tables
from workflow.engine import (
    diagrams,
    house_check,
    idempotency,
    instances,
    presence,
    task_draft,
    waiting,
)

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "audit_log",
    "diagrams",
    "domain_tables",
    "house_check",
    "idempotency",
    "instances",
    "outbox",
    "presence",
    "task_draft",
    "waiting",
]
