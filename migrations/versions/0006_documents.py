"""Documents, and the signatures of conventions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.db import Instant, Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("facts_sha256", sa.String(64), nullable=False),
        sa.Column("asked_at", Instant(timezone=True), nullable=False),
        sa.Column("issued_at", Instant(timezone=True), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("content_key", sa.String(64), nullable=True),
        sa.Column("sealed_by", sa.String(300), nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_document_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["college_session.id"],
            name=op.f("fk_document_session_id_college_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("code", name=op.f("uq_document_code")),
        sa.UniqueConstraint(
            "subject", "kind", "version", name=op.f("uq_document_subject_kind_version")
        ),
    )
    op.create_index(op.f("ix_document_dossier_id_document_id"), "document", ["dossier_id", "id"])
    op.create_index(op.f("ix_document_session_id_document_id"), "document", ["session_id", "id"])
    op.create_index(op.f("ix_document_sha256"), "document", ["sha256"])
    op.create_table(
        "convention_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(20), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("quality", sa.String(200), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("pdf_sha256", sa.String(64), nullable=True),
        sa.Column("uploaded_at", Instant(timezone=True), nullable=True),
        sa.Column("signed_at", Instant(timezone=True), nullable=True),
        sa.Column("certificate", Json(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("content_key", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_convention_signature_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_convention_signature_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention_signature")),
    )
    op.create_index(
        "ix_convention_signature_order",
        "convention_signature",
        ["dossier_id", "party", "id"],
    )


def downgrade() -> None:
    op.drop_table("convention_signature")
    op.drop_table("document")
