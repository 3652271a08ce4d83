"""Words by which dossiers are found, those of the stored dossiers included."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from workflow.domain import dossier_word
from workflow.domain.dossier import Dossier

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORD = sa.String(length=40).with_variant(postgresql.VARCHAR(40, collation="C"), "postgresql")
FACTS = (
    Dossier.id,
    Dossier.number,
    Dossier.company_name,
    Dossier.siret,
    Dossier.service_name,
    Dossier.legal_representative_name,
    Dossier.contact_name,
)


def upgrade() -> None:
    op.create_table(
        "dossier_word",
        sa.Column("word", WORD, nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_word_dossier_id_dossier")
        ),
        sa.PrimaryKeyConstraint("word", "dossier_id", name=op.f("pk_dossier_word")),
    )
    with op.batch_alter_table("dossier_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_word_dossier_id"), ["dossier_id"])
    with Session(op.get_bind()) as session:
        # Only the columns that this revision knows: the table of today may have others.
        for row in session.execute(sa.select(*FACTS)).all():
            dossier_word.learn(session, Dossier(**row._asdict()))
        session.flush()


def downgrade() -> None:
    op.drop_table("dossier_word")
