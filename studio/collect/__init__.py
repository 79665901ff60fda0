"""Bringing strangers' bytes in: decoded in bounds, checked, made canonical."""
