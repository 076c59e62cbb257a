"""HTTPS for one start: an authority that signs one certificate, for loopback only, and is forgotten."""

from __future__ import annotations

import ipaddress
import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BEFORE, AFTER = timedelta(hours=1), timedelta(days=7)
LOOPBACK = (
    x509.IPAddress(ipaddress.ip_network("127.0.0.0/8")),
    x509.IPAddress(ipaddress.ip_network("::1/128")),
    x509.DNSName("localhost"),
)


@dataclass(frozen=True, slots=True)
class Authority:
    """Whom a client has to trust (`path`, PEM), and what the server speaks with."""

    path: Path
    context: ssl.SSLContext


@contextmanager
def throwaway(host: str) -> Iterator[Authority]:
    """An authority and a certificate for `host`, until the block ends.

    The authority's key never leaves the memory of this process; the server's is on disk, readable by its owner
    alone, just as long as it takes to load it.
    """
    with tempfile.TemporaryDirectory(prefix="rollback-simulator-") as folder:
        key, signing = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        authority = _authority(signing)
        path = Path(folder) / "ca.pem"
        path.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
        certificate = _certificate(host, key, authority, signing)
        yield Authority(path, _context(Path(folder) / "server.pem", certificate, key))


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """It can vouch for nothing but this machine: its name constraints are loopback's."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Rollback console rehearsal, this start only")])
    usage = _usage(key_cert_sign=True, crl_sign=True)
    builder = _builder(name, name, key)
    for extension in (x509.BasicConstraints(ca=True, path_length=0), usage, x509.NameConstraints(LOOPBACK, None)):
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key, hashes.SHA256())


def _certificate(
    host: str, key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, signing: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    hosts = {"127.0.0.1", "::1", *({host} - {"localhost"})}
    names = [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(one)) for one in sorted(hosts))]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    builder = _builder(name, authority.subject, key)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(_usage(digital_signature=True), critical=True)
    return builder.add_extension(issuer, critical=False).sign(signing, hashes.SHA256())


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(now + AFTER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(**used: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: used.get(name, False) for name in names})


def _context(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    """A server's context; the file that it has to be loaded from is gone afterwards."""
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret + certificate.public_bytes(serialization.Encoding.PEM))
    try:
        context.load_cert_chain(path)
    finally:
        path.unlink()
    return context
