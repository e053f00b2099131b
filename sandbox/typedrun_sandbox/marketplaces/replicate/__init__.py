"""Replicate's wire, as its HTTP API document and its published client describe it. `wire.py` is its door."""
