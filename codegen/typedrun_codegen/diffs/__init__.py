"""Judged changes between two snapshots or two API schemas, and how they are reported."""
