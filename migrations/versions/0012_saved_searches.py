"""Searches kept and shared, and what each person has read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.db import Instant, Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_dossier_service_name_dossier_id", ["service_name", "id"]),
    ("ix_dossier_company_name_dossier_id", ["company_name", "id"]),
    ("ix_dossier_end_dossier_deposited_at_dossier_id", ["end", "deposited_at", "id"]),
)


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(20), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("filters", Json(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_saved_search_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index(
        op.f("ix_saved_search_person_id_saved_search_page"), "saved_search", ["person_id", "page"]
    )
    op.create_index(
        op.f("ix_saved_search_page_saved_search_shared"), "saved_search", ["page", "shared"]
    )
    op.create_table(
        "default_search",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(20), nullable=False),
        sa.Column("search_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_default_search_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["search_id"],
            ["saved_search.id"],
            name=op.f("fk_default_search_search_id_saved_search"),
        ),
        sa.PrimaryKeyConstraint("person_id", "page", name=op.f("pk_default_search")),
    )
    op.create_index(op.f("ix_default_search_search_id"), "default_search", ["search_id"])
    op.create_table(
        "read_mark",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_read_mark_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_read_mark_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "dossier_id", name=op.f("pk_read_mark")),
    )
    for name, columns in INDEXES:
        op.create_index(name, "dossier", columns)


def downgrade() -> None:
    for name, _columns in INDEXES:
        op.drop_index(name, "dossier")
    op.drop_table("read_mark")
    op.drop_table("default_search")
    op.drop_table("saved_search")
