"""A cluster that Zooscope shows, as its configuration describes it (`zkbridge.protocol.configuration`).

No secret is ever here, only the names of the files and variables that hold it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from zkbridge.protocol.rules import Rule

PREVIEW = 1_024
"""Bytes of each znode's data that a bridge keeps, where nobody says otherwise."""

PREVIEWS = range(64, 65_537)
"""What may be said. Below it the views would not know services and addresses; more is shown nowhere."""


class Tls(msgspec.Struct, frozen=True, omit_defaults=True):
    """Files in PEM. Certificate and host name of a server are always verified, against ``ca`` or, without it, against
    the authorities that this machine trusts."""

    ca: str = ""
    certificate: str = ""
    """The bridge's own, with those that lead to its authority after it."""
    key: str = ""
    key_password_file: str = ""


class Sasl(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the bridge proves who it is. With GSSAPI the ticket is the one that Kerberos finds for this process."""

    mechanism: Literal["DIGEST-MD5", "GSSAPI"]
    user: str = ""
    password_file: str = ""
    password_env: str = ""
    service: str = "zookeeper"


class Webhook(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where alerts are posted: one of the two."""

    url: str = ""
    url_env: str = ""
    """A variable that holds the address, for one that is a secret."""


class Cluster(msgspec.Struct, frozen=True, omit_defaults=True):
    """One cluster: where it is, as whom the bridge comes there, and what people may do."""

    name: str
    """In addresses (``/c/NAME/``), grants and audit rows."""
    zookeeper: str = ""
    """Connect string; '' where it is not known, as in a web process that was started by hand."""
    title: str = ""
    """What pages call it."""
    label: str = ""
    """What kind of cluster it is, such as 'production': stands beside its title."""
    socket: str = ""
    """Path of its bridge's Unix socket."""
    tls: Tls | None = None
    sasl: Sasl | None = None
    digest_file: str = ""
    digest_env: str = ""
    """Where ``user:password`` stands, for ZooKeeper's scheme 'digest'."""
    allow_changes: bool = False
    """Whether anybody may change znodes, whatever they are permitted."""
    protected: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    """Paths, each with all below it: nobody changes them; they are not shown; their data are not shown."""
    preview: int = PREVIEW
    """One of `PREVIEWS`."""
    admin_port: int = 0
    """Port of AdminServer on every server; 0 where it is not known, so that it is not asked."""
    history: str = ""
    """Folder in which plots are kept on disk; '' keeps them in memory alone."""
    alerts: dict[str, Rule] | None = None
    """Rules of alerts by their names; None for `zkbridge.protocol.rules.DEFAULTS`."""
    webhook: Webhook | None = None

    @property
    def signs_in(self) -> bool:
        """Whether the bridge shows the ensemble who it is; else it is nobody but its address."""
        certified = self.tls is not None and bool(self.tls.certificate)
        return bool(self.digest_file or self.digest_env or self.sasl is not None or certified)
