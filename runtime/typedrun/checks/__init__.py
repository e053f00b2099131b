"""Is the value of a parameter what the catalog asks for? Asked before any byte is sent."""
