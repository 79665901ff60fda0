"""Running work in children of the supervisor."""
