"""One file per change of the tables, named after its revision; a file that shipped is never edited."""
