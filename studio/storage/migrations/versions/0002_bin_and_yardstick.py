"""When a picture was deleted, so that the bin can be emptied; and the scale its likeness was read on."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0002_bin_and_yardstick"
down_revision = "0001_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("picture") as table:
        table.add_column(sa.Column("deleted_at", sa.Float))
        table.add_column(sa.Column("yardstick", sa.JSON))
    # Nobody knows when these were deleted: their time in the bin begins today.
    op.execute(sa.text("UPDATE picture SET deleted_at = :now WHERE deleted").bindparams(now=time.time()))
    with op.batch_alter_table("picture") as table:
        table.drop_column("deleted")


def downgrade() -> None:
    with op.batch_alter_table("picture") as table:
        table.add_column(sa.Column("deleted", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("UPDATE picture SET deleted = 1 WHERE deleted_at IS NOT NULL")
    with op.batch_alter_table("picture") as table:
        table.drop_column("yardstick")
        table.drop_column("deleted_at")
