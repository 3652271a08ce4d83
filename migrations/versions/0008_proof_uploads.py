"""Proof uploads: contents and their scan, resumable uploads, numbered submissions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflow.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What was attached before is not scanned, and was handed in with its proof file.
KNOWN_CONTENTS = """
    INSERT INTO stored_content (sha256, size, media_type, stored_at, scan_state)
    SELECT content_key, MAX(size), MAX(media_type), MIN(uploaded_at), 'not_scanned'
    FROM (SELECT content_key, size, media_type, uploaded_at FROM proof
          UNION ALL SELECT content_key, size, media_type, uploaded_at FROM evidence) AS known
    GROUP BY content_key
"""
HANDED_IN = """
    UPDATE proof SET handed_in_at =
        (SELECT complete_received_at FROM dossier WHERE dossier.id = proof.dossier_id)
"""
FILES = sa.text("""
    SELECT requirement_code, position, sha256, file_name FROM proof WHERE dossier_id = :dossier
    ORDER BY requirement_code, position, id
""")
RECEIVED = sa.text("""
    SELECT id, complete_received_at, previous_dossier_id FROM dossier
    WHERE complete_received_at IS NOT NULL ORDER BY id
""").columns(complete_received_at=workflow.db.Instant(timezone=True))


def upgrade() -> None:
    _create_tables()
    for table in ("proof", "evidence"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(
                "file_name", existing_type=sa.String(length=200), type_=sa.String(length=255)
            )
    with op.batch_alter_table("proof", schema=None) as batch_op:
        batch_op.add_column(sa.Column("solicitation_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("handed_in_at", workflow.db.Instant(timezone=True), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_proof_solicitation_id_solicitation"),
            "solicitation",
            ["solicitation_id"],
            ["id"],
        )
    op.execute(KNOWN_CONTENTS)
    op.execute(HANDED_IN)
    _number_what_was_submitted()


def downgrade() -> None:
    with op.batch_alter_table("proof", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_proof_solicitation_id_solicitation"), type_="foreignkey"
        )
        batch_op.drop_column("handed_in_at")
        batch_op.drop_column("solicitation_id")
    for table in ("upload", "submission", "stored_content"):
        op.drop_table(table)


def _create_tables() -> None:
    op.create_table(
        "stored_content",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("stored_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("scan_state", sa.String(length=12), nullable=False),
        sa.Column("threat", sa.String(length=120), nullable=True),
        sa.Column("scanned_at", workflow.db.Instant(timezone=True), nullable=True),
        sa.Column("checked_at", workflow.db.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_stored_content")),
    )
    op.create_index(op.f("ix_stored_content_scan_state"), "stored_content", ["scan_state"])
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("solicitation_number", sa.Integer(), nullable=True),
        sa.Column("submitted_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("files", workflow.db.Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_submission_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["person.id"], name=op.f("fk_submission_submitted_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("dossier_id", "number", name=op.f("uq_submission_dossier_id_number")),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("requirement_code", sa.String(length=40), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("reservation_number", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("created_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("finished_at", workflow.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_upload_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_upload_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(
        op.f("ix_upload_dossier_id_upload_finished_at"), "upload", ["dossier_id", "finished_at"]
    )
    op.create_index(op.f("ix_upload_expires_at"), "upload", ["expires_at"])


def _number_what_was_submitted() -> None:
    """What each dossier's files are now stands as its first version: the rest is not known."""
    connection = op.get_bind()
    submission = sa.table(
        "submission",
        sa.column("dossier_id", sa.Integer()),
        sa.column("number", sa.Integer()),
        sa.column("reason", sa.String()),
        sa.column("submitted_at", workflow.db.Instant(timezone=True)),
        sa.column("files", workflow.db.Json()),
    )
    for dossier in connection.execute(RECEIVED).all():
        files = connection.execute(FILES, {"dossier": dossier.id}).all()
        row = {
            "dossier_id": dossier.id,
            "number": 1,
            "reason": "first" if dossier.previous_dossier_id is None else "reapplication",
            "submitted_at": dossier.complete_received_at,
            "files": [list(each) for each in files],
        }
        connection.execute(submission.insert().values(row))
