"""Queue, events, pictures, comparisons."""

import sqlalchemy as sa
from alembic import op

revision = "0001_first"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("persona", sa.String(48)),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        sa.Column("status", sa.String(12), nullable=False, server_default="queued"),
        sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("started", sa.Float),
        sa.Column("finished", sa.Float),
        sa.Column("heartbeat", sa.Float),
        sa.Column("pid", sa.Integer),
        sa.Column("pid_started", sa.Float),
        sa.Column("stop", sa.Integer, nullable=False, server_default="0"),
        sa.Column("phase", sa.Text, nullable=False, server_default=""),
        sa.Column("longest_phase", sa.Float, nullable=False, server_default="0"),
        sa.Column("step", sa.Integer, nullable=False, server_default="0"),
        sa.Column("total", sa.Integer, nullable=False, server_default="0"),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("message", sa.Text, nullable=False, server_default=""),
        sa.Column("hint", sa.Text, nullable=False, server_default=""),
        sa.Column("result", sa.Text),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_job_status_priority_id", "job", ["status", "priority", "id"])
    op.create_index("ix_job_persona_kind", "job", ["persona", "kind"])
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("job", sa.Integer, nullable=False),
        sa.Column("time", sa.Float, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_event_job", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_job_id", "event", ["job", "id"])
    op.create_index("ix_event_job_kind_id", "event", ["job", "kind", "id"])
    op.create_table(
        "picture",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("job", sa.Integer),
        sa.Column("persona", sa.String(48)),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("favourite", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("deleted", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("likeness", sa.Float),
        sa.Column("likeness_note", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_picture"),
    )
    op.create_index("ix_picture_persona_created", "picture", ["persona", "created"])
    op.create_index("ix_picture_created", "picture", ["created"])
    op.create_index("ix_picture_sha256", "picture", ["sha256"])
    op.create_table(
        "comparison",
        sa.Column("job", sa.Integer, nullable=False),
        sa.Column("persona", sa.String(48), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("results", sa.Text),
        sa.PrimaryKeyConstraint("job", name="pk_comparison"),
    )
    op.create_index("ix_comparison_persona_created", "comparison", ["persona", "created"])


def downgrade() -> None:
    for name in ("comparison", "picture", "event", "job"):
        op.drop_table(name)
