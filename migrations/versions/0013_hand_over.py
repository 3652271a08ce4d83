"""Tasks assigned, absences, and acts on many dossiers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.db import Instant, Json

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_absence()
    _make_bulk_act()
    _make_bulk_act_item()
    with op.batch_alter_table("instruction_assignment") as table:
        table.add_column(sa.Column("given_by", sa.Integer(), nullable=True))
        table.add_column(sa.Column("way", sa.String(20), nullable=False, server_default="taken"))
        table.create_foreign_key(
            op.f("fk_instruction_assignment_given_by_person"), "person", ["given_by"], ["id"]
        )
    op.create_index(
        op.f("ix_instruction_assignment_holder"),
        "instruction_assignment",
        ["person_id", "released_at"],
    )
    with op.batch_alter_table("notification") as table:
        table.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_notification_person_id_person"), "person", ["person_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("notification") as table:
        table.drop_constraint(op.f("fk_notification_person_id_person"), type_="foreignkey")
        table.drop_column("person_id")
    op.drop_index(op.f("ix_instruction_assignment_holder"))
    with op.batch_alter_table("instruction_assignment") as table:
        table.drop_constraint(op.f("fk_instruction_assignment_given_by_person"), type_="foreignkey")
        table.drop_column("way")
        table.drop_column("given_by")
    op.drop_table("bulk_act_item")
    op.drop_table("bulk_act")
    op.drop_table("absence")


def _make_absence() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=True),
        sa.Column("declared_by", sa.Integer(), nullable=False),
        sa.Column("declared_at", Instant(), nullable=False),
        sa.Column("refused_at", Instant(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_absence_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["stand_in_id"], ["person.id"], name=op.f("fk_absence_stand_in_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["declared_by"], ["person.id"], name=op.f("fk_absence_declared_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    for columns in (
        ["person_id", "last_day"],
        ["stand_in_id", "last_day"],
        ["last_day", "first_day"],
    ):
        op.create_index(op.f(f"ix_absence_{'_absence_'.join(columns)}"), "absence", columns)


def _make_bulk_act() -> None:
    op.create_table(
        "bulk_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("answer", Json(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_bulk_act_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_act")),
    )
    for columns in (["person_id", "id"], ["finished_at", "confirmed_at"]):
        op.create_index(op.f(f"ix_bulk_act_{'_bulk_act_'.join(columns)}"), "bulk_act", columns)


def _make_bulk_act_item() -> None:
    op.create_table(
        "bulk_act_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulk_act_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("code", sa.String(60), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulk_act_id"], ["bulk_act.id"], name=op.f("fk_bulk_act_item_bulk_act_id_bulk_act")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_bulk_act_item_dossier_id_dossier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_act_item")),
        sa.UniqueConstraint(
            "bulk_act_id", "dossier_id", name=op.f("uq_bulk_act_item_bulk_act_id_dossier_id")
        ),
    )
    op.create_index(
        op.f("ix_bulk_act_item_left"),
        "bulk_act_item",
        ["bulk_act_id", "state", "position"],
    )
