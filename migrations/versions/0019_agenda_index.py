"""The agenda of the college is found among the dossiers under way, however many have ended."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BEFORE = "ix_dossier_campaign_id_dossier_decided_at"
AFTER = "ix_dossier_campaign_id_dossier_decided_at_dossier_ended_at"


def upgrade() -> None:
    op.create_index(AFTER, "dossier", ["campaign_id", "decided_at", "ended_at"])
    op.drop_index(BEFORE, "dossier")


def downgrade() -> None:
    op.create_index(BEFORE, "dossier", ["campaign_id", "decided_at"])
    op.drop_index(AFTER, "dossier")
