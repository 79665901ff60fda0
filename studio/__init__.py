"""Persona Studio: one consistent invented person in pictures anywhere, with evidence that it is her."""

import os

# Set before gradio or a hub client is imported anywhere: the studio talks to nobody on its own.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")

__version__ = "0.1.0"
