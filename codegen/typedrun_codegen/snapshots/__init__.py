"""Catalog snapshots on disk: read, written, pulled from a backend, scrubbed."""
