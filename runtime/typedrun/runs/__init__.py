"""Runs of a model: as flows that both clients drive, and the ways and doors that a model offers to them."""
