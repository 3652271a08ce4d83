"""What every document says of its dossier, as it was at the instant of the act."""

from __future__ import annotations

from typing import Any

from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier


def of(dossier: Dossier, campaign: Campaign) -> dict[str, Any]:
    """The facts of a dossier that its documents quote."""
    return {
        "dossier": dossier.number,
        "company": dossier.company_name,
        "siret": dossier.siret,
        "representative": dossier.legal_representative_name,
        "contact": dossier.contact_name,
        "service": dossier.service_name,
        "service_version": dossier.service_version,
        "dsr": dossier.dsr,
        "profiles": campaign.names_of(dossier.profiles),
        "attempt": dossier.attempt,
    }
