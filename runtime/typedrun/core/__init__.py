"""Protocol logic without sockets, clocks or sleeps."""
