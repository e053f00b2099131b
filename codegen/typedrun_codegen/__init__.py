"""The generator: schema and catalog snapshot in, a typed Python package out."""
