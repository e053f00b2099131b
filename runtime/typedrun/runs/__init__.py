"""Runs of a model as flows, which the clients of both kinds drive."""
