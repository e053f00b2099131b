"""What kind of file is this, and what is its media type? Values that the generator and the sandbox read, too."""
