"""What a model answers with: a run that goes on, and values of the type that its class declares."""
