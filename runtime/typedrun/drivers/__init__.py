"""What executes flows: sockets, clocks and threads live here and nowhere else."""
