"""JSON Schema as catalogs publish it: what a reference means, and what is wrong with a value."""
