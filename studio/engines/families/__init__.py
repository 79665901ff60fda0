"""One file per family of bases."""
