"""Mail copies: English texts, delivery log, preferences, opt-outs, templates of campaigns."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from workflow.db import Instant, Json

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notification") as table:
        table.add_column(sa.Column("subject_en", sa.String(300), nullable=True))
        table.add_column(sa.Column("body_en", sa.Text(), nullable=True))
    op.create_table(
        "mail_preference",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(20), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_mail_preference_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_preference")),
    )
    op.create_table(
        "mail_opt_out",
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("declined_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("address", "kind", name=op.f("pk_mail_opt_out")),
    )
    op.create_table(
        "notification_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["person.id"], name=op.f("fk_notification_template_changed_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_template")),
        sa.UniqueConstraint(
            "campaign_id",
            "kind",
            "language",
            name=op.f("uq_notification_template_campaign_id_kind_language"),
        ),
    )
    _delivery_log()
    _copies_under_way()


def _delivery_log() -> None:
    op.create_table(
        "mail_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(40), nullable=True),
        sa.Column("reply_code", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("queued_at", Instant(), nullable=False),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("digest_due_at", Instant(), nullable=True),
        sa.Column("digest_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["digest_id"],
            ["mail_delivery.id"],
            name=op.f("fk_mail_delivery_digest_id_mail_delivery"),
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notification.id"],
            name=op.f("fk_mail_delivery_notification_id_notification"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_mail_delivery_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_delivery")),
        sa.UniqueConstraint(
            "notification_id", "address", name=op.f("uq_mail_delivery_notification_id_address")
        ),
    )
    for columns in (["state", "id"], ["state", "digest_due_at"], ["digest_id"]):
        name = "_".join(["ix", *[f"mail_delivery_{column}" for column in columns]])
        op.create_index(op.f(name), "mail_delivery", columns)


def _copies_under_way() -> None:
    """What waits in the outbox named a role and its text; it now names the notification."""
    connection = op.get_bind()
    message = sa.table(
        "outbox_message",
        sa.column("id", sa.Integer),
        sa.column("kind", sa.String),
        sa.column("payload", Json),
        sa.column("delivered_at", sa.DateTime),
    )
    told = sa.table(
        "notification",
        sa.column("id", sa.Integer),
        sa.column("dossier_id", sa.Integer),
        sa.column("role", sa.String),
        sa.column("subject", sa.String),
        sa.column("body", sa.Text),
    )
    waiting = connection.execute(
        sa.select(message.c.id, message.c.payload).where(
            message.c.kind == "mail", message.c.delivered_at.is_(None)
        )
    ).all()
    for row in waiting:
        payload = row.payload if isinstance(row.payload, dict) else json.loads(row.payload)
        if "role" not in payload:
            continue
        found = connection.scalar(
            sa.select(sa.func.max(told.c.id)).where(
                *(told.c[name] == payload[name] for name in ("dossier_id", "role", "subject")),
                told.c.body == payload["body"],
            )
        )
        if found is not None:
            connection.execute(
                sa.update(message)
                .where(message.c.id == row.id)
                .values(kind="notification", payload={"notification_id": found})
            )


def downgrade() -> None:
    for name in ("mail_delivery", "notification_template", "mail_opt_out", "mail_preference"):
        op.drop_table(name)
    with op.batch_alter_table("notification") as table:
        table.drop_column("body_en")
        table.drop_column("subject_en")
