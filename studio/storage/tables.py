"""The database's tables as SQLAlchemy sees them; `migrations/` is how a file on disk gets there."""

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

JOB = sa.Table(
    "job",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
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
    sa.Index(None, "status", "priority", "id"),
    sa.Index(None, "persona", "kind"),
    sqlite_autoincrement=True,
)

EVENT = sa.Table(
    "event",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("job", sa.Integer, sa.ForeignKey("job.id", ondelete="CASCADE"), nullable=False),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index(None, "job", "id"),
    sa.Index(None, "job", "kind", "id"),
    sqlite_autoincrement=True,
)

PICTURE = sa.Table(
    "picture",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
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
    sa.Column("likeness", sa.Float),
    sa.Column("likeness_note", sa.Text, nullable=False, server_default=""),
    sa.Column("deleted_at", sa.Float),
    sa.Column("yardstick", sa.JSON(none_as_null=True)),
    sa.Column("prompt_check", sa.JSON(none_as_null=True)),
    sa.Index(None, "persona", "created"),
    sa.Index(None, "created"),
    sa.Index(None, "sha256"),
)

COMPARISON = sa.Table(
    "comparison",
    METADATA,
    sa.Column("job", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("persona", sa.String(48), nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("results", sa.Text),
    sa.Index(None, "persona", "created"),
)
