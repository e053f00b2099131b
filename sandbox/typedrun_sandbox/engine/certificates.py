"""A certificate for this machine's own addresses, made for one sandbox and thrown away with it.

`cryptography` makes it (the extra `sandbox-tls`): the standard library can use certificates but not make them.
"""

from __future__ import annotations

import datetime
import ipaddress
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from typedrun_sandbox.settings import Certificate

_DAYS = 30
_NAME = "typedrun sandbox"


@contextmanager
def temporary_certificate() -> Generator[Certificate]:
    """A self-signed certificate for localhost, 127.0.0.1 and ::1, as files that are there until the end.

    Raises:
        ModuleNotFoundError: `cryptography` is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="typedrun-sandbox-") as folder:
        made = Certificate(Path(folder) / "certificate.pem", Path(folder) / "key.pem")
        certificate, key = make_certificate()
        made.certificate.write_bytes(certificate)
        made.key.touch(mode=0o600)
        made.key.write_bytes(key)
        yield made


def make_certificate() -> tuple[bytes, bytes]:
    """Make the certificate, which vouches for itself, and its key, as PEM.

    Raises:
        ModuleNotFoundError: `cryptography` is not installed.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in ("127.0.0.1", "::1")]
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    # Python 3.13 checks strictly (RFC 5280): a certificate that vouches for itself says so, and names its key.
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), *addresses]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return certificate.public_bytes(serialization.Encoding.PEM), private
