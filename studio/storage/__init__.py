"""Where state lives: files, the database, the queue."""
