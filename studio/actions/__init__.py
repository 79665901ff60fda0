"""One plain function per thing a person can do."""
