"""The runtime that generated packages import."""
