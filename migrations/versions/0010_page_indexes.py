"""Indexes by which pages read no more than they show."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ssi_answers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ssi_answers_completed_at_ssi_answers_dossier_id"),
            ["completed_at", "dossier_id"],
        )


def downgrade() -> None:
    with op.batch_alter_table("ssi_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ssi_answers_completed_at_ssi_answers_dossier_id"))
