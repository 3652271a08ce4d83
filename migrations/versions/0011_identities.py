"""Sign-in by a provider, sessions ended by hand, invitations withdrawn, checks of the house."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.db import Instant, Json

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(400), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_external_identity_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_external_identity_issuer_subject")),
        sa.UniqueConstraint(
            "issuer", "person_id", name=op.f("uq_external_identity_issuer_person_id")
        ),
    )
    op.create_index(op.f("ix_external_identity_person_id"), "external_identity", ["person_id"])
    op.create_table(
        "house_check",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("done_at", Instant(), nullable=False),
        sa.Column("is_sound", sa.Boolean(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_house_check")),
    )
    with op.batch_alter_table("person") as table:
        table.add_column(
            sa.Column("sessions_ended", sa.Integer(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("withdrawn_at", Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("invitation") as table:
        table.drop_column("withdrawn_at")
    with op.batch_alter_table("person") as table:
        table.drop_column("sessions_ended")
    op.drop_table("house_check")
    op.drop_table("external_identity")
