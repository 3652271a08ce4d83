"""Keep what a catalogue says of each expected proof."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflow.db

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("requirement") as batch_op:
        batch_op.add_column(
            sa.Column("proof_texts", workflow.db.Json(), server_default="[]", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("requirement") as batch_op:
        batch_op.drop_column("proof_texts")
