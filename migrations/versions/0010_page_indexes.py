"""Indexes by which pages read no more than they show."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEXES = (
    (
        "ssi_answers",
        "ix_ssi_answers_completed_at_ssi_answers_dossier_id",
        ["completed_at", "dossier_id"],
    ),
    ("dossier", "ix_dossier_deposited_at_dossier_id", ["deposited_at", "id"]),
    (
        "dossier",
        "ix_dossier_campaign_id_dossier_ended_at_dossier_deposited_at",
        ["campaign_id", "ended_at", "deposited_at"],
    ),
    (
        "dossier",
        "ix_dossier_campaign_id_dossier_complete_received_at",
        ["campaign_id", "complete_received_at"],
    ),
    ("dossier", "ix_dossier_campaign_id_dossier_decided_at", ["campaign_id", "decided_at"]),
    (
        "dossier",
        "ix_dossier_ended_at_dossier_deposited_at_dossier_id",
        ["ended_at", "deposited_at", "id"],
    ),
    ("notification", "ix_notification_role_notification_id", ["role", "id"]),
    (
        "deadline_record",
        "ix_deadline_record_instance",
        ["instance_id", "key", "id"],
    ),
)


def upgrade() -> None:
    for table, name, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for table, name, _columns in INDEXES:
        op.drop_index(name, table)
