"""Who is looking at a dossier; internal notes as threads, with those they mention."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.db import Instant, Json

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _presence()
    with op.batch_alter_table("internal_note") as table:
        table.add_column(sa.Column("anchor", sa.String(80), nullable=False, server_default=""))
        table.add_column(sa.Column("reply_to", sa.Integer(), nullable=True))
        table.add_column(sa.Column("earlier", Json(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("edited_at", Instant(), nullable=True))
        table.add_column(sa.Column("withdrawn_at", Instant(), nullable=True))
        table.add_column(sa.Column("resolved_at", Instant(), nullable=True))
        table.add_column(sa.Column("resolved_by", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_internal_note_reply_to_internal_note"), "internal_note", ["reply_to"], ["id"]
        )
        table.create_foreign_key(
            op.f("fk_internal_note_resolved_by_person"), "person", ["resolved_by"], ["id"]
        )
    _mentions()


def downgrade() -> None:
    op.drop_table("note_mention")
    with op.batch_alter_table("internal_note") as table:
        table.drop_constraint(op.f("fk_internal_note_resolved_by_person"), type_="foreignkey")
        table.drop_constraint(op.f("fk_internal_note_reply_to_internal_note"), type_="foreignkey")
        for name in (
            "resolved_by",
            "resolved_at",
            "withdrawn_at",
            "edited_at",
            "earlier",
            "reply_to",
            "anchor",
        ):
            table.drop_column(name)
    op.drop_table("presence")


def _presence() -> None:
    op.create_table(
        "presence",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(60), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.String(32), nullable=True),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_presence_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_presence_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["human_task.id"], name=op.f("fk_presence_task_id_human_task")
        ),
        sa.PrimaryKeyConstraint("person_id", "place", name=op.f("pk_presence")),
    )
    op.create_index(op.f("ix_presence_dossier_id"), "presence", ["dossier_id"])
    op.create_index(op.f("ix_presence_place"), "presence", ["place"])
    op.create_index(op.f("ix_presence_seen_at"), "presence", ["seen_at"])


def _mentions() -> None:
    op.create_table(
        "note_mention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["note_id"], ["internal_note.id"], name=op.f("fk_note_mention_note_id_internal_note")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_note_mention_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_note_mention_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_mention")),
        sa.UniqueConstraint("note_id", "person_id", name=op.f("uq_note_mention_note_id_person_id")),
    )
    op.create_index(
        op.f("ix_note_mention_person_id_note_mention_id"), "note_mention", ["person_id", "id"]
    )
