"""urllib3's pools of connections under limits."""

from __future__ import annotations

import queue
from collections import deque
from time import monotonic
from typing import Any, cast

from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from typedrun.drivers.connection import Connection, SecureConnection


class _Idle:
    """The queue of a pool, latest first, without a lock: a signal handler may call while its own thread would hold it, and a fork
    would copy it. A deque's append and pop cannot be torn.
    """

    def __init__(self, maxsize: int) -> None:
        self._most = maxsize
        self._connections = deque[Connection]()

    def get(self, block: bool = False, timeout: float | None = None) -> Connection:  # noqa: ARG002  # as queue.LifoQueue has it
        """Get the connection that was put back last."""
        try:
            return self._connections.pop()
        except IndexError:
            raise queue.Empty from None

    def put(self, connection: Connection | None, block: bool = False) -> None:  # noqa: ARG002  # as above
        """Keep a connection; None, with which urllib3 fills a pool, is no connection."""
        if connection is None:
            return
        if self.full():
            raise queue.Full
        self._connections.append(connection)

    def full(self) -> bool:
        """Whether as many are kept as may be."""
        return len(self._connections) >= self._most

    def qsize(self) -> int:
        """How many are kept."""
        return len(self._connections)


def typed_as_declared(given: Any) -> Any:
    """urllib3 declares protocols that none of its own classes fulfils for checkers."""
    return given


class Pool(HTTPConnectionPool):
    """urllib3's pool of connections under limits."""

    ConnectionCls: Any = typed_as_declared(Connection)
    QueueCls: Any = typed_as_declared(_Idle)

    def take(self, keep_alive: float, most_age: float) -> Connection:
        """Take a connection; one that was idle too long, or is too old, is closed first, so that it connects anew."""
        connection = cast("Connection", self._get_conn())
        now = monotonic()
        if connection.sock is not None and (
            now - connection.idle_since > keep_alive or now - connection.born > most_age
        ):
            connection.close()
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keep a connection, if there is room."""
        connection.idle_since = monotonic()
        kept = cast("_Idle | None", self.pool)
        if kept is None or kept.full():  # urllib3 would log a warning about each
            connection.close()
            return
        self._put_conn(cast("Any", connection))

    def prepare(self, connection: Connection) -> None:
        """Do nothing: a connection opens itself when it sends."""


class SecurePool(Pool, HTTPSConnectionPool):
    """The pool of an origin that is reached with TLS."""

    ConnectionCls: Any = typed_as_declared(SecureConnection)
