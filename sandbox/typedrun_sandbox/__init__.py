"""A local backend that speaks the aiXplain wire, fed from a snapshot."""
