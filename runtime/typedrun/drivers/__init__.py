"""What executes flows: sockets, clocks and threads live here and nowhere else. (A client's own driver is in `typedrun.sending`.)"""
