"""How far each person's first visit went."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.db import Instant, Json

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guided_visit",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("steps", Json(), nullable=False),
        sa.Column("put_away", sa.String(10), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_guided_visit_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_guided_visit")),
    )


def downgrade() -> None:
    op.drop_table("guided_visit")
