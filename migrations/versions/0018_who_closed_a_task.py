"""Which person closed a task, beside their name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("human_task", sa.Column("closed_by_id", sa.Integer(), nullable=True))
    op.create_index("ix_human_task_closed_by_id", "human_task", ["closed_by_id", "closed_at"])


def downgrade() -> None:
    op.drop_index("ix_human_task_closed_by_id", "human_task")
    with op.batch_alter_table("human_task") as table:
        table.drop_column("closed_by_id")
