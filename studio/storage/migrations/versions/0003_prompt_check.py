"""What of its prompt a judge saw in a picture."""

import sqlalchemy as sa
from alembic import op

revision = "0003_prompt_check"
down_revision = "0002_bin_and_yardstick"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("picture") as table:
        table.add_column(sa.Column("prompt_check", sa.JSON))


def downgrade() -> None:
    with op.batch_alter_table("picture") as table:
        table.drop_column("prompt_check")
