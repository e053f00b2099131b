"""What errors of connections mean, for the table of retries and for people. Imported with the first."""

from __future__ import annotations

import socket
import ssl
from os import strerror
from typing import Any, Final

from typedrun.core.request import Failure, Stage
from typedrun.drivers.frames import is_of_libraries


def failure(error: Exception, stage: Stage) -> Failure:
    """How far a try got and what happened, in words that hold no secret."""
    timed_out = isinstance(error, TimeoutError)
    if stage is Stage.NEVER_SENT and isinstance(error, ssl.SSLError) and error.reason in TLS_REFUSALS:
        return Failure(stage, TLS_REFUSALS[error.reason], is_final=True)
    is_final = isinstance(error, ssl.SSLCertVerificationError)
    return Failure(stage, words(error), timed_out=timed_out, is_final=is_final)


_NO_TLS: Final = "the server does not speak TLS on this port; is its address http://?"
OWN_CERTIFICATE: Final = "the server asks for a client certificate, or refuses the one that it was given (client_cert=)"
TLS_REFUSALS: Final = {
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "UNKNOWN_PROTOCOL": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": OWN_CERTIFICATE,
    "SSLV3_ALERT_BAD_CERTIFICATE": OWN_CERTIFICATE,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": OWN_CERTIFICATE,
    "TLSV1_ALERT_UNKNOWN_CA": OWN_CERTIFICATE,
    "TLSV1_ALERT_ACCESS_DENIED": OWN_CERTIFICATE,
}
"""OpenSSL's reasons that no further try changes."""


_WORDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (socket.gaierror, "the host name cannot be resolved"),
    (ConnectionRefusedError, "connection refused"),
    (BrokenPipeError, "connection closed while sending"),
    (ConnectionResetError, "connection reset"),
    (
        ssl.SSLCertVerificationError,
        "the TLS certificate is not trusted: {0.verify_message} (ca_bundle= names further ones)",
    ),
    (ssl.SSLError, "TLS failed: {0.reason}"),
    (TimeoutError, "timed out"),
)


def words(error: BaseException) -> str:
    """What happened, for people."""
    known = next((text for kind, text in _WORDS if isinstance(error, kind)), None)
    return known.format(error) if known is not None else f"{type(error).__name__}: {str(error)[:200]}"


def failure_of(error: OSError, stage: Stage, alerts: Any = None, *, has_received: bool = True) -> Failure:
    """How far a try got and what happened, for an error of a system call. Arguments as for `sockets.told`."""
    if alerts is not None:
        error = _last_word(error, alerts)
    # A TLS 1.3 server says with the first record that it refuses the client's certificate: the handshake is not over for it.
    is_refused = isinstance(error, ssl.SSLError) and TLS_REFUSALS.get(error.reason) == OWN_CERTIFICATE
    return failure(error, Stage.NEVER_SENT if is_refused and not has_received else stage)


def _last_word(error: OSError, sock: Any) -> OSError:
    """Why a TLS peer closed while something was sent to it, if it said so."""
    try:
        sock.recv(1)
    except ssl.SSLError as alert:
        if not is_of_libraries(alert):
            raise
        return alert if alert.reason in TLS_REFUSALS else error
    except OSError as broken:
        if not is_of_libraries(broken):
            raise
    return error


def refused(number: int) -> Failure:
    """The failure of a connect that ended with this number of the system's."""
    error = OSError(number, "connect")  # the subclass that fits the number
    known = isinstance(error, ConnectionError | TimeoutError)
    what = words(error) if known else strerror(number)
    return Failure(Stage.NEVER_SENT, what, timed_out=isinstance(error, TimeoutError))


def connect_failure(error: OSError) -> Failure:
    """What a handshake raised."""
    if isinstance(error, TimeoutError):
        return Failure(Stage.NEVER_SENT, "connect timed out", timed_out=True)
    return failure(error, Stage.NEVER_SENT)
