"""Access log, mandates, partners' invitations, accepted commitments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflow.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MANDATE_OF_CONVENTION = "fk_convention_mandate_id_mandate"


def upgrade() -> None:
    _access_record()
    _mandate()
    _college_invitation()
    _commitment_acceptance()
    with op.batch_alter_table("convention", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mandate_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(MANDATE_OF_CONVENTION, "mandate", ["mandate_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("convention", schema=None) as batch_op:
        batch_op.drop_constraint(MANDATE_OF_CONVENTION, type_="foreignkey")
        batch_op.drop_column("mandate_id")
    op.drop_table("commitment_acceptance")
    op.drop_table("college_invitation")
    op.drop_table("mandate")
    op.drop_table("access_record")


def _access_record() -> None:
    op.create_table(
        "access_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("procedure_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("roles", workflow.db.Json(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        _foreign("access_record", "dossier_id", "dossier"),
        _foreign("access_record", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_record")),
    )
    _index("access_record", "dossier_id")
    _index("access_record", "person_id")
    _index("access_record", "at")


def _mandate() -> None:
    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("may_sign", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(length=500), nullable=False),
        sa.Column("granted_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=False),
        sa.Column("revoked_at", workflow.db.Instant(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        _foreign("mandate", "granted_by", "person"),
        _foreign("mandate", "operator_id", "operator"),
        _foreign("mandate", "person_id", "person"),
        _foreign("mandate", "revoked_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sa.UniqueConstraint("number", name=op.f("uq_mandate_number")),
    )
    _index("mandate", "operator_id")
    _index("mandate", "person_id")


def _college_invitation() -> None:
    op.create_table(
        "college_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("invited_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", workflow.db.Instant(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        _foreign("college_invitation", "invited_by", "person"),
        _foreign("college_invitation", "person_id", "person"),
        _foreign("college_invitation", "session_id", "college_session"),
        _foreign("college_invitation", "withdrawn_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_college_invitation")),
    )
    _index("college_invitation", "session_id")
    _index("college_invitation", "person_id")


def _commitment_acceptance() -> None:
    op.create_table(
        "commitment_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=False),
        sa.Column("form_version", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.Integer(), nullable=True),
        _foreign("commitment_acceptance", "accepted_by", "person"),
        _foreign("commitment_acceptance", "dossier_id", "dossier"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_acceptance")),
        sa.UniqueConstraint(
            "dossier_id", "key", name=op.f("uq_commitment_acceptance_dossier_id_key")
        ),
    )


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)


def _index(table: str, column: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        name = batch_op.f(f"ix_{table}_{column}_{table}_id")
        batch_op.create_index(name, [column, "id"], unique=False)
