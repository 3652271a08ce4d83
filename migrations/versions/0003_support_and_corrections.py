"""Processes beside the procedure of dossiers: questions to the support, corrections.

A column that refers to another table is added in SQL, the same on both databases: SQLite would
otherwise copy the whole table, and nothing may refer to a table that is copied.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflow.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFERENCES = (
    ("instance", "about_dossier_id", "dossier"),
    ("instance", "operator_id", "operator"),
    ("human_task", "operator_id", "operator"),
)


def upgrade() -> None:
    for table, column, target in REFERENCES:
        name = f"fk_{table}_{column}_{target}"
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER"
            f" CONSTRAINT {name} REFERENCES {target} (id)"
        )
    for table in ("instance", "human_task"):
        op.add_column(
            table, sa.Column("aside", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.add_column("human_task", sa.Column("other_role", sa.String(40), nullable=True))
    op.create_index("ix_instance_about", "instance", ["about_dossier_id", "ended_at"])
    op.create_index(
        "ix_human_task_other_role", "human_task", ["other_role", "closed_at", "opened_at"]
    )
    _make_support_tables()
    _make_correction_table()


def _make_support_tables() -> None:
    op.create_table(
        "support_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", workflow.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name="fk_support_question_operator_id_operator"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name="fk_support_question_asked_by_person"
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["person.id"], name="fk_support_question_closed_by_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_support_question"),
        sa.UniqueConstraint("instance_id", name="uq_support_question_instance_id"),
    )
    op.create_index(
        "ix_support_question_operator_id_support_question_id",
        "support_question",
        ["operator_id", "id"],
    )
    op.create_index(
        "ix_support_question_closed_at_support_question_id", "support_question", ["closed_at", "id"]
    )
    op.create_table(
        "support_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("read_at", workflow.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["support_question.id"],
            name="fk_support_message_question_id_support_question",
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_support_message_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_support_message"),
    )
    op.create_index(
        "ix_support_message_question_id_support_message_id",
        "support_message",
        ["question_id", "id"],
    )


def _make_correction_table() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(length=40), nullable=False),
        sa.Column("old_value", sa.Text(), nullable=False),
        sa.Column("new_value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("proposed_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("concluded_by", sa.Integer(), nullable=True),
        sa.Column("concluded_at", workflow.db.Instant(timezone=True), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name="fk_correction_dossier_id_dossier"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["person.id"], name="fk_correction_proposed_by_person"
        ),
        sa.ForeignKeyConstraint(
            ["concluded_by"], ["person.id"], name="fk_correction_concluded_by_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
        sa.UniqueConstraint("instance_id", name="uq_correction_instance_id"),
    )
    op.create_index("ix_correction_dossier_id_correction_id", "correction", ["dossier_id", "id"])


def downgrade() -> None:
    for table in ("correction", "support_message", "support_question"):
        op.drop_table(table)
    op.drop_index("ix_human_task_other_role", "human_task")
    op.drop_index("ix_instance_about", "instance")
    columns = (
        ("instance", ("about_dossier_id", "operator_id", "aside")),
        ("human_task", ("operator_id", "other_role", "aside")),
    )
    for table, names in columns:
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.drop_column(name)
