"""Alembic's home: how a database on disk becomes the one `storage/tables.py` describes."""
