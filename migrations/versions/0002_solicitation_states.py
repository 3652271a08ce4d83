"""Solicitation states, answers question by question, templates, drafts of tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflow.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_DATES = ("seen_at", "withdrawn_at")
_PERSONS = ("seen_by", "withdrawn_by")


def upgrade() -> None:
    _follow_solicitations()
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer", sa.Text(), nullable=True))
    op.create_table(
        "task_draft",
        sa.Column("task_id", sa.String(length=32), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answer", workflow.db.Json(), nullable=False),
        sa.Column("saved_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["person.id"], name=op.f("fk_task_draft_saved_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["human_task.id"], name=op.f("fk_task_draft_task_id_human_task")
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task_draft")),
    )
    _keep_templates()


def _follow_solicitations() -> None:
    with op.batch_alter_table("solicitation", schema=None) as batch_op:
        for name in _DATES:
            batch_op.add_column(sa.Column(name, workflow.db.Instant(timezone=True), nullable=True))
        for name in _PERSONS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch_op.create_foreign_key(
                batch_op.f(f"fk_solicitation_{name}_person"), "person", [name], ["id"]
            )
        batch_op.add_column(sa.Column("withdrawal_reason", sa.Text(), nullable=True))


def _keep_templates() -> None:
    op.create_table(
        "solicitation_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", workflow.db.Instant(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("retired_at", workflow.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["person.id"], name=op.f("fk_solicitation_template_changed_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solicitation_template")),
    )
    with op.batch_alter_table("solicitation_template", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f(
                "ix_solicitation_template_campaign_id_solicitation_template_kind"
                "_solicitation_template_id"
            ),
            ["campaign_id", "kind", "id"],
            unique=False,
        )


def downgrade() -> None:
    op.drop_table("solicitation_template")
    op.drop_table("task_draft")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_column("answer")
    with op.batch_alter_table("solicitation", schema=None) as batch_op:
        for name in _PERSONS:
            batch_op.drop_constraint(
                batch_op.f(f"fk_solicitation_{name}_person"), type_="foreignkey"
            )
        for name in (*_DATES, *_PERSONS, "withdrawal_reason"):
            batch_op.drop_column(name)
