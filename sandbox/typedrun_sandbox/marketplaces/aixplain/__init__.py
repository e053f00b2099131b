"""aiXplain's wire, as the API schema and the catalog snapshot describe it. `wire.py` is its door."""
