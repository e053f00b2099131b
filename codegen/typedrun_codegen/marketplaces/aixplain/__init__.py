"""aiXplain: its documents and its words."""
