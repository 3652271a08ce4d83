"""Campaign changes: their register, and what each moved date replaces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflow.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("previous_version_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("changes", workflow.db.Json(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("moves_running", sa.Boolean(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("shortened", sa.Integer(), nullable=False),
        sa.Column("past", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("changed_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_campaign_change_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["previous_version_id"],
            ["campaign_version.id"],
            name=op.f("fk_campaign_change_previous_version_id_campaign_version"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["campaign_version.id"],
            name=op.f("fk_campaign_change_version_id_campaign_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_change")),
        sa.UniqueConstraint(
            "campaign_id", "number", name=op.f("uq_campaign_change_campaign_id_number")
        ),
    )
    with op.batch_alter_table("deadline_record") as batch:
        batch.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("campaign_change_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_deadline_record_replaces_id_deadline_record"),
            "deadline_record",
            ["replaces_id"],
            ["id"],
        )
        batch.create_foreign_key(
            op.f("fk_deadline_record_campaign_change_id_campaign_change"),
            "campaign_change",
            ["campaign_change_id"],
            ["id"],
        )
        batch.create_index(
            op.f("ix_deadline_record_campaign_change_id_deadline_record_id"),
            ["campaign_change_id", "id"],
        )


def downgrade() -> None:
    with op.batch_alter_table("deadline_record") as batch:
        batch.drop_index(op.f("ix_deadline_record_campaign_change_id_deadline_record_id"))
        batch.drop_constraint(
            op.f("fk_deadline_record_campaign_change_id_campaign_change"), type_="foreignkey"
        )
        batch.drop_constraint(
            op.f("fk_deadline_record_replaces_id_deadline_record"), type_="foreignkey"
        )
        batch.drop_column("campaign_change_id")
        batch.drop_column("replaces_id")
    op.drop_table("campaign_change")
