"""What sends for a client: its driver, with settings, network and clock. (What executes flows stands in `typedrun.drivers`.)"""
