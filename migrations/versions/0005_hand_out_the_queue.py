"""Hand out the queue, declare interests, keep internal notes and second opinions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflow.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_assignments()
    _create_interests()
    _create_notes()
    _create_opinions()


def _create_assignments() -> None:
    op.create_table(
        "instruction_assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("out_of_order", sa.Boolean(), nullable=False),
        sa.Column("instead_of", sa.Integer(), nullable=True),
        sa.Column("released_at", workflow.db.Instant(timezone=True), nullable=True),
        _refers("instruction_assignment", "dossier_id", "dossier"),
        _refers("instruction_assignment", "person_id", "person"),
        _refers("instruction_assignment", "instead_of", "dossier"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction_assignment")),
    )
    _index("instruction_assignment", "dossier_id", "released_at")
    _index("instruction_assignment", "out_of_order", "id")


def _create_interests() -> None:
    op.create_table(
        "interest_declaration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("has_conflict", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", workflow.db.Instant(timezone=True), nullable=False),
        _refers("interest_declaration", "dossier_id", "dossier"),
        _refers("interest_declaration", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_declaration")),
    )
    _index("interest_declaration", "dossier_id", "person_id")


def _create_notes() -> None:
    op.create_table(
        "internal_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", workflow.db.Instant(timezone=True), nullable=False),
        _refers("internal_note", "dossier_id", "dossier"),
        _refers("internal_note", "by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_internal_note")),
    )
    _index("internal_note", "dossier_id", "id")


def _create_opinions() -> None:
    op.create_table(
        "second_opinion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_of", sa.Integer(), nullable=False),
        sa.Column("asked_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", workflow.db.Instant(timezone=True), nullable=True),
        _refers("second_opinion", "dossier_id", "dossier"),
        _refers("second_opinion", "asked_by", "person"),
        _refers("second_opinion", "asked_of", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_opinion")),
    )
    _index("second_opinion", "dossier_id", "id")
    _index("second_opinion", "asked_of", "answered_at")


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)


def _index(table: str, *columns: str) -> None:
    name = "ix_" + "_".join(f"{table}_{column}" for column in columns)
    op.create_index(op.f(name), table, list(columns))


def downgrade() -> None:
    for table in (
        "second_opinion",
        "internal_note",
        "interest_declaration",
        "instruction_assignment",
    ):
        op.drop_table(table)
