"""The deposit form kept as it is typed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.db import Instant, Json

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deposit_draft",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("campaign_id", sa.String(length=80), nullable=True),
        sa.Column("form_key", sa.String(length=100), nullable=False),
        sa.Column("previous", sa.String(length=20), nullable=True),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answer", Json(), nullable=False),
        sa.Column("saved_from", sa.String(length=64), nullable=True),
        sa.Column("saved_at", Instant(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_deposit_draft_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_deposit_draft_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_deposit_draft_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["person.id"], name=op.f("fk_deposit_draft_saved_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit_draft")),
    )
    with op.batch_alter_table("deposit_draft", schema=None) as batch_op:
        batch_op.create_index("ix_deposit_draft_operator_id_saved_at", ["operator_id", "saved_at"])
        batch_op.create_index("ix_deposit_draft_person_id", ["person_id"])
    with op.batch_alter_table("task_draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("saved_from", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("task_draft", schema=None) as batch_op:
        batch_op.drop_column("saved_from")
    op.drop_table("deposit_draft")
