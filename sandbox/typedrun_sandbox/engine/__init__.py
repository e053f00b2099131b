"""A backend on loopback that knows no marketplace: what is told in `protocol.py` is all that it needs of one.

From the ground up: values (keys, faults, files, cards, requestlog, jobs, refusals) · protocol, scripts · backend (the state) · connection,
exchange (one request and its answer) · control, downloads, page (endpoints that every sandbox has) · listening (sockets, server).
"""
