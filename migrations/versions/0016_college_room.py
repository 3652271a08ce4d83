"""What the college's room shows while it sits, and the recusals declared in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.db import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "college_room",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("moved_at", Instant(), nullable=False),
        sa.Column("moved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["college_session.id"],
            name=op.f("fk_college_room_session_id_college_session"),
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_college_room_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["moved_by"], ["person.id"], name=op.f("fk_college_room_moved_by_person")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_college_room")),
    )

    op.create_table(
        "college_recusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["college_session.id"],
            name=op.f("fk_college_recusal_session_id_college_session"),
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_college_recusal_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_college_recusal_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_college_recusal")),
        sa.UniqueConstraint(
            "session_id",
            "dossier_id",
            "person_id",
            name=op.f("uq_college_recusal_session_id_dossier_id_person_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("college_recusal")
    op.drop_table("college_room")
