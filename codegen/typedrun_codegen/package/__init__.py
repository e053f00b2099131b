"""A package from its inputs: built, rendered, guarded, written, checked."""
