"""Questions about a snapshot: which models there are, what one offers, why its code is what it is."""
