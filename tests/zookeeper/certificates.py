"""An authority for tests, and what it signs, in files."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


class Authority:
    """``ca`` is the file of its own certificate; `issue` makes ``NAME.pem`` and ``NAME.key``."""

    def __init__(self, folder: Path, name: str = "tests") -> None:
        self.folder, self._name = folder, _name(name)
        folder.mkdir(exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        own = self._certificate(self._name, self._key, timedelta(days=1)).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.ca = self.folder / f"{name}-ca.pem"
        self.ca.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def issue(
        self, name: str, *hosts: str, lasting: timedelta = timedelta(days=1), password: str = ""
    ) -> tuple[Path, Path]:
        """A certificate for ``hosts`` and its key; one that lasts a negative time has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._certificate(_name(name), key, lasting)
        if hosts:
            named = x509.SubjectAlternativeName([_host(host) for host in hosts])
            builder = builder.add_extension(named, critical=False)
        certificate, secret = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))
        lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
        return certificate, secret

    def server(
        self, *hosts: str, lasting: timedelta = timedelta(days=1), demands: bool = False, newest: bool = True
    ) -> ssl.SSLContext:
        """What a server needs; ``demands``: a certificate of its clients. Not ``newest``: TLS 1.2 at the most."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.issue("server", *hosts, lasting=lasting))
        if not newest:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if demands:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca)
        return context

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, lasting: timedelta
    ) -> x509.CertificateBuilder:
        until = datetime.now(UTC) + lasting
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(until - timedelta(days=3))
            .not_valid_after(until)
        )  # fmt: skip


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)
