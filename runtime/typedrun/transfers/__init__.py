"""Files on their way: those of a call to the backend, and those of an answer to the disk."""
