"""TLS towards ZooKeeper's servers: the context that files make, and what went wrong with a server, in words."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path
from typing import Literal

from zkbridge.protocol.clusters import Tls
from zkbridge.zookeeper.secrets import BadSetting, content, secret

log = logging.getLogger(__name__)

Code = Literal[
    "certificate-expired", "certificate-host", "certificate-unknown", "client-certificate", "tls-version", "tls-failed",
]  # fmt: skip

_EXPIRED, _NOT_YET = 10, 9
_OTHER_HOST = (62, 64)
_UNKNOWN = (2, 18, 19, 20, 21)
"""OpenSSL's X509_V_ERR_…"""

_ABOUT_OURS = ("CERTIFICATE", "UNKNOWN_CA", "HANDSHAKE_FAILURE", "ACCESS_DENIED", "DECRYPT_ERROR")
"""In alerts of a server that does without the bridge, for the want of a certificate or for the one that it showed."""

_OF_OTHERS = ("", "WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING")
"""Reasons that something gives which speaks no TLS at all."""


class Armour:
    """What the bridge wears towards servers: `context`, made from files, and anew once these have changed.

    Construction raises `BadSetting` for files that cannot be used; later ones are passed over, and said in the log.
    """

    def __init__(self, files: Tls) -> None:
        self._files = files
        self._stamps = self._look()
        self._context = _make(files)

    @property
    def context(self) -> ssl.SSLContext:
        """Verifies certificate and host name, and speaks TLS 1.2 or newer."""
        stamps = self._look()
        if stamps != self._stamps:
            self._stamps = stamps
            try:
                self._context = _make(self._files)
                log.info("the certificates have changed and were read again")
            except BadSetting as bad:
                log.warning("the certificates have changed and cannot be used; those before stay in use. %s", bad)
        return self._context

    def judge(self, error: BaseException | None) -> tuple[Code, str] | None:
        """What an error says of the server, in words that go on 'host:port: '; None where it says nothing of TLS."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return _of_certificate(error)
        reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
        if reason in _OF_OTHERS:
            return None
        if "VERSION" in reason or "PROTOCOL" in reason:
            return "tls-version", "it speaks no TLS of version 1.2 or newer"
        if "ALERT" in reason and any(word in reason for word in _ABOUT_OURS):
            said = reason.rpartition("ALERT_")[2].replace("_", " ").lower()
            if self._files.certificate:
                return "client-certificate", f"it refuses the bridge's certificate ({said})"
            return "client-certificate", f"it demands a certificate of the bridge, which has none ({said})"
        return "tls-failed", f"TLS with it failed ({reason.replace('_', ' ').lower()})"

    def _look(self) -> list[tuple[int, int, int]]:
        found = []
        for path in filter(None, (getattr(self._files, name) for name in self._files.__struct_fields__)):
            try:
                stat = Path(path).stat()
                found.append((stat.st_mtime_ns, stat.st_ino, stat.st_size))
            except OSError:
                found.append((0, 0, 0))
        return found


def _of_certificate(error: ssl.SSLCertVerificationError) -> tuple[Code, str]:
    if error.verify_code == _EXPIRED:
        return "certificate-expired", "its certificate has expired"
    if error.verify_code == _NOT_YET:
        return "certificate-expired", "its certificate is not valid yet"
    if error.verify_code in _OTHER_HOST:
        return "certificate-host", "its certificate is for another host name"
    if error.verify_code in _UNKNOWN:
        return "certificate-unknown", "its certificate is from an authority that is not trusted here"
    return "certificate-unknown", f"its certificate cannot be trusted ({error.verify_message})"


def _make(files: Tls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files.ca:
        try:
            context.load_verify_locations(cadata=content("tls.ca", files.ca))
        except ssl.SSLError:
            raise BadSetting("tls.ca", f"{files.ca} has no certificate in PEM.") from None
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if files.certificate:
        _load_own(context, files)
    return context


def _load_own(context: ssl.SSLContext, files: Tls) -> None:
    certificates, key = content("tls.certificate", files.certificate), content("tls.key", files.key)
    if "-----BEGIN CERTIFICATE-----" not in certificates:
        raise BadSetting("tls.certificate", f"{files.certificate} has no certificate in PEM.")
    if "PRIVATE KEY-----" not in key:
        raise BadSetting("tls.key", f"{files.key} has no private key in PEM.")
    password = secret("tls.key_password_file", files.key_password_file) if files.key_password_file else ""
    asked = False

    def opens() -> str:
        nonlocal asked
        asked = True
        return password

    try:
        context.load_cert_chain(files.certificate, files.key, opens)
    except (ssl.SSLError, ValueError) as error:
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            raise BadSetting("tls.key", f"{files.key} is not the key of the certificate.") from None
        if asked and password:
            raise BadSetting("tls.key_password_file", f"{files.key_password_file} does not open the key.") from None
        if asked:
            raise BadSetting("tls.key", f"{files.key} is locked; key_password_file must name its password.") from None
        raise BadSetting("tls.certificate", f"{files.certificate} and its key cannot be used.") from None
