"""One file per backend: how a catalog entry becomes a `ModelSpec`."""
