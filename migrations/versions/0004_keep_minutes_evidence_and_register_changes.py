"""Keep the minutes of the college, evidence for reservations, and changes of the register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflow.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("college_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("partners", workflow.db.Json(), nullable=True))
        batch_op.add_column(sa.Column("minutes_text", sa.Text(), nullable=True))
    with op.batch_alter_table("college_decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recused", workflow.db.Json(), nullable=True))
        batch_op.add_column(sa.Column("no_conflict", workflow.db.Json(), nullable=True))
    _create_listing_change()
    _create_evidence()


def _create_listing_change() -> None:
    op.create_table(
        "listing_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("changed_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_change_listing_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_change")),
    )
    with op.batch_alter_table("listing_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_listing_change_listing_id_listing_change_changed_at"),
            ["listing_id", "changed_at"],
            unique=False,
        )


def _create_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_key", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_evidence_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservation.id"],
            name=op.f("fk_evidence_reservation_id_reservation"),
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["person.id"], name=op.f("fk_evidence_uploaded_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_evidence_dossier_id_evidence_reservation_id"),
            ["dossier_id", "reservation_id"],
            unique=False,
        )


def downgrade() -> None:
    op.drop_table("evidence")
    op.drop_table("listing_change")
    with op.batch_alter_table("college_decision", schema=None) as batch_op:
        batch_op.drop_column("no_conflict")
        batch_op.drop_column("recused")
    with op.batch_alter_table("college_session", schema=None) as batch_op:
        batch_op.drop_column("minutes_text")
        batch_op.drop_column("partners")
