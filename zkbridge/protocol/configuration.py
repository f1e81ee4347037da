"""How clusters are described: in tables of a file, or, where there is but one, in variables. Pure, and strict.

What cannot be used is refused by the names of file, table and key. No value but a path of a znode is repeated, for it
may be a secret.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from zkbridge.protocol import rules
from zkbridge.protocol.clusters import PREVIEWS, Cluster, Sasl, Tls, Webhook
from zkbridge.protocol.topics import BadTopic, check_path

MOST = 40
"""Clusters that one Zooscope shows: each has a process of its own."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_PARTS: dict[str, type[Tls | Sasl | Webhook]] = {"tls": Tls, "sasl": Sasl, "webhook": Webhook}
_ALERTS = "alerts"
_PATHS = ("digest_file", "socket", "ca", "certificate", "key", "key_password_file", "password_file", "history")
_LISTS = ("protected", "hidden", "redacted")
"""Lists that nothing keeps to yet. They are refused rather than passed over."""

_KINDS = {"str": "a text", "bool": "true or false", "int": "a whole number", "array": "a list", "object": "a table"}
_SECRETS = {
    "password": "password_file or password_env",
    "digest": "digest_file or digest_env",
    "auth": "digest_file or digest_env",
    "key_password": "key_password_file",
}
"""Keys that nobody may use, and what to use."""


class BadConfig(ValueError):
    """Raised for a configuration that cannot be used; the text says where and why, and is one line."""


class _Wrong(Exception):
    """Of one cluster: what is wrong with ``key`` of its table, or of the table ``part`` in it."""

    def __init__(self, words: str, key: str = "", part: str = "") -> None:
        super().__init__(words)
        self.words, self.key, self.part = words, key, part


def parse(document: Mapping[str, Any], where: str, folder: str) -> tuple[Cluster, ...]:
    """Read ``{"clusters": {name: table}}``; raise `BadConfig`, which calls the file ``where``.

    Paths that do not begin with a slash begin at ``folder``.
    """
    for key in document.keys() - {"clusters"}:
        raise BadConfig(f"{where}: unknown key or table {key[:60]!r}; there are tables [clusters.NAME] and no others.")
    tables = document.get("clusters")
    if not isinstance(tables, dict) or not tables:
        raise BadConfig(f"{where} has no table [clusters.NAME], so there is no cluster to show.")
    if len(tables) > MOST:
        raise BadConfig(f"{where} has {len(tables)} clusters; {MOST} are allowed.")
    return tuple(_from_table(name, table, where, folder) for name, table in tables.items())


def from_variables(environ: Mapping[str, str], title: str, folder: str) -> Cluster:
    """The one cluster that ``ZOOSCOPE_…`` describe: ZOOSCOPE_ALLOW_CHANGES, ZOOSCOPE_TLS_CA … Raise `BadConfig`.

    ``title`` is what it is called; a name for addresses is made of that. ZOOSCOPE_DIGEST, ZOOSCOPE_SASL_PASSWORD
    and ZOOSCOPE_WEBHOOK_URL may hold secrets themselves.
    """
    table: dict[str, Any] = {"title": title}
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", title).strip("-._")[:60] or "cluster"
    try:
        for key in Cluster.__struct_fields__:
            value = environ.get(_variable(key), "").strip()
            if value and key not in (*_PARTS, _ALERTS, "name", "title", "socket"):
                table[key] = _value(key, value)
        for part, kind in _PARTS.items():
            values = {key: environ.get(_variable(key, part), "").strip() for key in kind.__struct_fields__}
            if any(values.values()):
                table[part] = {key: value for key, value in values.items() if value}
        _put_secrets(table, environ)
        return _cluster(plain, table, folder)
    except _Wrong as wrong:
        raise BadConfig(f"{place('', plain, wrong.key, wrong.part)}: {wrong.words}") from None


def place(where: str, name: str, key: str, part: str = "") -> str:
    """How ``key`` of a cluster, or of the table ``part`` in it, is called where it was given: in the file ``where``, or
    without one in the environment."""
    if not where:
        return _variable(key, part)
    table = f"{where}, [clusters.{name}{f'.{part}' if part else ''}]"
    return f"{table}, {key}" if key else table


def _variable(key: str, part: str = "") -> str:
    return "_".join(filter(None, ("ZOOSCOPE", part, key))).upper()


def _put_secrets(table: dict[str, Any], environ: Mapping[str, str]) -> None:
    sasl = table.get("sasl", {})
    if environ.get("ZOOSCOPE_DIGEST") and not {"digest_file", "digest_env"} & table.keys():
        table["digest_env"] = "ZOOSCOPE_DIGEST"
    if environ.get("ZOOSCOPE_SASL_PASSWORD") and sasl and not {"password_file", "password_env"} & sasl.keys():
        sasl["password_env"] = "ZOOSCOPE_SASL_PASSWORD"  # noqa: S105 - names a variable
    webhook = table.get("webhook", {})
    if webhook.pop("url", ""):
        webhook.setdefault("url_env", "ZOOSCOPE_WEBHOOK_URL")


def _value(key: str, text: str) -> Any:
    if key in _LISTS:
        return [item.strip() for item in text.split(",")]
    if key == "allow_changes":
        return {"true": True, "false": False}.get(text.lower(), text)
    if key in ("preview", "admin_port"):
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text
    return text


def _from_table(name: str, table: Any, where: str, folder: str) -> Cluster:
    if not _NAME.fullmatch(name):
        words = "a name has 1 to 60 letters, digits, '.', '_' and '-', and begins with none of these signs."
        raise BadConfig(f"{place(where, name[:60], '')}: {words}")
    if not isinstance(table, dict):
        raise BadConfig(f"{place(where, name, '')} must be a table.")
    try:
        found = _cluster(name, table, folder)
        if not found.zookeeper.strip():
            raise _Wrong("is missing; it is the connect string, host:port,host:port[/chroot].", "zookeeper")
        return found
    except _Wrong as wrong:
        raise BadConfig(f"{place(where, name, wrong.key, wrong.part)}: {wrong.words}") from None


def _cluster(name: str, table: Mapping[str, Any], folder: str) -> Cluster:
    parts = {part: _read(table[part], part, kind, folder) for part, kind in _PARTS.items() if part in table}
    rest = {key: value for key, value in table.items() if key not in (*_PARTS, _ALERTS)}
    found: Cluster = _read(rest, "", Cluster, folder, name=name)
    alerts = _rules(table[_ALERTS]) if _ALERTS in table else None
    found = msgspec.structs.replace(found, title=found.title or name, alerts=alerts, **parts)
    _check(found)
    return found


def _rules(tables: Any) -> dict[str, rules.Rule]:
    try:
        return rules.parse(tables)
    except rules.BadRule as bad:
        raise _Wrong(bad.words, bad.key, f"{_ALERTS}.{bad.name}" if bad.name else _ALERTS) from None


def _read(table: Any, part: str, kind: type[Any], folder: str, **more: str) -> Any:
    """A table as a value of ``kind``, with ``more``, which it must not have itself."""
    if not isinstance(table, dict):
        raise _Wrong("must be a table.", part)
    known = [key for key in kind.__struct_fields__ if key not in more]
    for key in table:
        if key not in known and key in _SECRETS:
            raise _Wrong(
                "no secret may stand here. Put it into a file that only you can read, or into a variable of the "
                f"environment, and name that with {_SECRETS[key]}.",
                key,
                part,
            )
        if key not in known:
            raise _Wrong(f"is not known; known are {', '.join(known)}.", key[:60], part)
    try:
        found = msgspec.convert(table | more, kind)
    except msgspec.ValidationError as error:
        raise _wrong(str(error), part) from None
    paths = {key: posixpath.join(folder, path) for key in _PATHS if (path := getattr(found, key, ""))}
    return msgspec.structs.replace(found, **paths)


def _wrong(error: str, part: str) -> _Wrong:
    """What msgspec said, in our words."""
    said, _, path = error.partition(" - at `$.")
    key = path.strip("`").partition("[")[0]
    missing = re.search(r"required field `(\w+)`", said)
    if missing:
        return _Wrong("is missing.", missing[1], part)
    wanted = re.search(r"Expected `(\w+)", said)
    if wanted:
        each = "each of its items " if "[" in path else ""
        return _Wrong(f"{each}must be {_KINDS.get(wanted[1], wanted[1])}.", key, part)
    return _Wrong("must be DIGEST-MD5 or GSSAPI." if key == "mechanism" else "cannot be used.", key, part)


def _check(cluster: Cluster) -> None:
    for key, most in (("title", 60), ("label", 20)):
        text = getattr(cluster, key)
        if len(text) > most or not text.isprintable():
            raise _Wrong(f"must be at most {most} printable characters.", key)
    for key in _LISTS:
        for path in getattr(cluster, key):
            try:
                check_path(path)
            except BadTopic as bad:
                raise _Wrong(f"must list paths of znodes. {bad.problem.text}", key) from None
    if cluster.preview not in PREVIEWS:
        raise _Wrong(f"must be a whole number from {PREVIEWS[0]} to {PREVIEWS[-1]}.", "preview")
    if cluster.admin_port not in range(65_536):
        raise _Wrong("must be a port, from 1 to 65535.", "admin_port")
    if cluster.digest_file and cluster.digest_env:
        raise _Wrong("is one place too many: digest_file is given too.", "digest_env")
    _check_variable(cluster.digest_env, "digest_env")
    if cluster.tls is not None:
        _check_tls(cluster.tls)
    if cluster.sasl is not None:
        _check_sasl(cluster.sasl)
    if cluster.webhook is not None:
        _check_webhook(cluster.webhook)


def _check_tls(tls: Tls) -> None:
    if bool(tls.certificate) != bool(tls.key):
        raise _Wrong("is missing; certificate and key need each other.", "key" if tls.certificate else "certificate",
                     "tls")  # fmt: skip
    if tls.key_password_file and not tls.key:
        raise _Wrong("is of no use without a key.", "key_password_file", "tls")


def _check_sasl(sasl: Sasl) -> None:
    given = [key for key in ("password_file", "password_env") if getattr(sasl, key)]
    if sasl.mechanism == "GSSAPI" and given:
        raise _Wrong("is of no use: with GSSAPI the ticket is Kerberos' own.", given[0], "sasl")
    if sasl.mechanism == "DIGEST-MD5":
        if not sasl.user:
            raise _Wrong("is missing; DIGEST-MD5 needs it.", "user", "sasl")
        if len(given) != 1:
            raise _Wrong("or password_env must be given, and not both: DIGEST-MD5 needs one.", "password_file", "sasl")
    _check_variable(sasl.password_env, "password_env", "sasl")


def _check_webhook(webhook: Webhook) -> None:
    if bool(webhook.url) == bool(webhook.url_env):
        raise _Wrong("or url_env must be given, and not both: where alerts are posted.", "url", "webhook")
    _check_variable(webhook.url_env, "url_env", "webhook")
    if webhook.url and not is_web(webhook.url):
        raise _Wrong("must be an address https://… or http://…", "url", "webhook")


def is_web(address: str) -> bool:
    """Whether it is an address that can be posted to."""
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and address.isprintable()
    except ValueError:
        return False


def _check_variable(name: str, key: str, part: str = "") -> None:
    if name and not _VARIABLE.fullmatch(name):
        raise _Wrong("must be the name of a variable of the environment, not what it holds.", key, part)
