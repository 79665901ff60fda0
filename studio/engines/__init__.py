"""Torch lives here and only here: training, generating, judging."""
