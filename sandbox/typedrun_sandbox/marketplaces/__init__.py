"""Marketplaces: a folder each. `protocol.py` says what a folder has to offer, `app.py` picks one by its name."""
