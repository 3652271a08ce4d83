"""Operations on the listing."""

from __future__ import annotations

from workflow.domain import listing
from workflow.service_tasks.registry import Call, operation


@operation("listings.award")
def award(call: Call) -> None:
    """Give the listing number."""
    listing.award(call)


@operation("listings.publish")
def publish(call: Call) -> None:
    """Show the listing in the public register."""
    listing.publish(call)


@operation("listings.notify")
def notify(call: Call) -> None:
    """Tell the operator its listing number."""
    listing.tell(call)
