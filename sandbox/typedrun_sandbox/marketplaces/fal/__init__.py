"""fal's wire, as its documentation, its platform's API document and its published client describe it. `wire.py` is its door."""
