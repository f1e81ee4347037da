"""Descriptions of clusters: what is understood, and that everything else is refused by its name."""

from __future__ import annotations

import tomllib

import pytest

from zkbridge.protocol.clusters import Cluster, Sasl, Tls, Webhook
from zkbridge.protocol.configuration import MOST, BadConfig, from_variables, parse
from zkbridge.protocol.rules import Rule

WHOLE = """
[clusters.prod]
zookeeper = "zk1:2281,zk2:2281/app"
title = "Production"
label = "production"
allow_changes = true
protected = ["/kafka"]
preview = 4096
admin_port = 8081
digest_file = "digest"

[clusters.prod.tls]
ca = "/etc/ssl/zk-ca.pem"
certificate = "bridge.pem"
key = "bridge.key"
key_password_file = "bridge.password"

[clusters.prod.sasl]
mechanism = "DIGEST-MD5"
user = "zooscope"
password_env = "ZK_PASSWORD"

[clusters.test-1]
zookeeper = "zk9"
"""


def test_everything_that_can_be_said() -> None:
    prod, test = parse(tomllib.loads(WHOLE), "zooscope.toml", "/etc/zooscope")
    assert prod == Cluster(
        "prod", "zk1:2281,zk2:2281/app", "Production", "production", "",
        Tls("/etc/ssl/zk-ca.pem", "/etc/zooscope/bridge.pem", "/etc/zooscope/bridge.key",
            "/etc/zooscope/bridge.password"),
        Sasl("DIGEST-MD5", "zooscope", password_env="ZK_PASSWORD"),  # noqa: S106 - names a variable
        "/etc/zooscope/digest", "", True, ("/kafka",), preview=4096, admin_port=8081,
    )  # fmt: skip
    assert test == Cluster("test-1", "zk9", "test-1")
    assert not test.allow_changes


def wrong(text: str) -> str:
    with pytest.raises(BadConfig) as caught:
        parse(tomllib.loads(text), "z.toml", "/")
    said = str(caught.value)
    assert said.startswith("z.toml") and "\n" not in said
    return said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("zookeper = 'a'", "[clusters.a], zookeper: is not known; known are zookeeper, title,"),
        ("zookeeper = 1", "[clusters.a], zookeeper: must be a text."),
        ("zookeeper = ' '", "[clusters.a], zookeeper: is missing"),
        ("allow_changes = 'yes'", "[clusters.a], allow_changes: must be true or false."),
        ("protected = '/a'", "[clusters.a], protected: must be a list."),
        ("protected = [1]", "[clusters.a], protected: each of its items must be a text."),
        ("hidden = ['a']", "[clusters.a], hidden: must list paths of znodes. The path 'a' does not start with '/'."),
        ("redacted = ['/a//b']", "[clusters.a], redacted: must list paths of znodes."),
        ("preview = 63", "[clusters.a], preview: must be a whole number from 64 to 65536."),
        ("admin_port = 65536", "[clusters.a], admin_port: must be a port, from 1 to 65535."),
        ("admin_port = -1", "[clusters.a], admin_port: must be a port, from 1 to 65535."),
        ("admin_port = 'http'", "[clusters.a], admin_port: must be a whole number."),
        ("preview = 1.5", "[clusters.a], preview: must be a whole number."),
        (r'title = "a\u0007"', "[clusters.a], title: must be at most 60 printable characters."),
        (f"label = '{'x' * 21}'", "[clusters.a], label: must be at most 20 printable characters."),
        ("name = 'b'", "[clusters.a], name: is not known"),
        ("tls = 'yes'", "[clusters.a], tls: must be a table."),
        ("[clusters.a.tls]\nverify = false", "[clusters.a.tls], verify: is not known; known are ca, certificate, key,"),
        ("[clusters.a.tls]\ncertificate = 'c'", "[clusters.a.tls], key: is missing"),
        ("[clusters.a.tls]\nkey = 'k'", "[clusters.a.tls], certificate: is missing"),
        ("[clusters.a.tls]\nkey_password_file = 'k'", "[clusters.a.tls], key_password_file: is of no use"),
        ("[clusters.a.sasl]\nuser = 'u'", "[clusters.a.sasl], mechanism: is missing."),
        ("[clusters.a.sasl]\nmechanism = 'PLAIN'", "[clusters.a.sasl], mechanism: must be DIGEST-MD5 or GSSAPI."),
        ("[clusters.a.sasl]\nmechanism = 'DIGEST-MD5'", "[clusters.a.sasl], user: is missing"),
        ("[clusters.a.sasl]\nmechanism = 'DIGEST-MD5'\nuser = 'u'", "[clusters.a.sasl], password_file: or"),
        ("[clusters.a.sasl]\nmechanism = 'GSSAPI'\npassword_file = 'p'", "password_file: is of no use"),
        ("digest_file = 'a'\ndigest_env = 'B'", "[clusters.a], digest_env: is one place too many"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(line: str, words: str) -> None:
    host = "" if line.startswith("zookeeper") else "zookeeper = 'zk'\n"
    assert words in wrong(f"[clusters.a]\n{host}{line}")


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("digest = 's3cret'", "digest_file or digest_env"),
        ("auth = 's3cret'", "digest_file or digest_env"),
        ("digest_env = 'me:s3cret'", "the name of a variable"),
        ("[clusters.a.sasl]\nmechanism = 'DIGEST-MD5'\npassword = 's3cret'", "password_file or password_env"),
        ("[clusters.a.sasl]\nmechanism = 'DIGEST-MD5'\nuser = 'u'\npassword_env = 's3cret!'", "the name of a variable"),
        ("[clusters.a.tls]\nkey_password = 's3cret'", "key_password_file"),
        ("preview = 's3cret'", "whole number"),
        ("[clusters.a.sasl]\nmechanism = 's3cret'", "must be DIGEST-MD5"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(line: str, instead: str) -> None:
    said = wrong(f"[clusters.a]\nzookeeper = 'zk'\n{line}")
    assert instead in said and "s3cret" not in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no table [clusters.NAME]"),
        ("clusters = 1", "has no table [clusters.NAME]"),
        ("[clusters]", "has no table [clusters.NAME]"),
        ("[clusters]\na = 1", "[clusters.a] must be a table."),
        ("debug = true", "unknown key or table 'debug'"),
        ("[clusters.'a/b']\nzookeeper = 'a'", "[clusters.a/b]: a name has 1 to 60"),
        ("[clusters.'..']\nzookeeper = 'a'", "[clusters...]: a name has 1 to 60"),
        ("\n".join(f"[clusters.c{n}]\nzookeeper = 'a'" for n in range(MOST + 1)), f"has {MOST + 1} clusters"),
    ],
)
def test_a_file_that_describes_no_clusters_is_refused(text: str, words: str) -> None:
    assert words in wrong(text)


def test_variables_describe_one_cluster() -> None:
    environ = {
        "ZOOSCOPE_ZOOKEEPER": "zk:2281", "ZOOSCOPE_ALLOW_CHANGES": "true", "ZOOSCOPE_PROTECTED": "/a, /b",
        "ZOOSCOPE_PREVIEW": "2048", "ZOOSCOPE_TLS_CA": "ca.pem", "ZOOSCOPE_SASL_MECHANISM": "GSSAPI", "HOME": "/root",
    }  # fmt: skip
    found = from_variables(environ, "zk 1:2281", "/here")
    assert found == Cluster(
        "zk-1-2281", "zk:2281", "zk 1:2281", tls=Tls("/here/ca.pem"), sasl=Sasl("GSSAPI"), allow_changes=True,
        protected=("/a", "/b"), preview=2048,
    )  # fmt: skip
    assert from_variables({}, "Ärger", "/").name == "rger" and from_variables({}, "名", "/").name == "cluster"


def test_secrets_may_stand_in_variables() -> None:
    environ = {"ZOOSCOPE_DIGEST": "a:b", "ZOOSCOPE_SASL_PASSWORD": "c"}
    assert from_variables(environ, "a", "/") == Cluster("a", title="a", digest_env="ZOOSCOPE_DIGEST")
    sasl = {"ZOOSCOPE_SASL_MECHANISM": "DIGEST-MD5", "ZOOSCOPE_SASL_USER": "ann"}
    found = from_variables(environ | sasl, "a", "/").sasl
    assert found is not None and found.password_env == "ZOOSCOPE_SASL_PASSWORD"  # noqa: S105
    other = from_variables(environ | sasl | {"ZOOSCOPE_DIGEST_FILE": "d", "ZOOSCOPE_SASL_PASSWORD_FILE": "p"}, "a", "/")
    assert other.digest_env == "" and other.sasl is not None and other.sasl.password_env == ""


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ZOOSCOPE_ALLOW_CHANGES", "yes please"),
        ("ZOOSCOPE_PROTECTED", "/a,b"),
        ("ZOOSCOPE_PREVIEW", "1e9"),
        ("ZOOSCOPE_TLS_CERTIFICATE", "bridge.pem"),
        ("ZOOSCOPE_SASL_MECHANISM", "PLAIN"),
        ("ZOOSCOPE_DIGEST_ENV", "a:b"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(variable: str, value: str) -> None:
    with pytest.raises(BadConfig, match=r"^ZOOSCOPE_\w+: ") as caught:
        from_variables({variable: value}, "a", "/")
    assert variable.rpartition("_")[0] in str(caught.value) and value not in str(caught.value)


RULES = """
[clusters.a]
zookeeper = "zk"
history = "plots"

[clusters.a.alerts.slow]
kind = "latency"
severity = "critical"
above = 50
clear = 20.5
for = 60
clear_for = 0

[clusters.a.alerts."few workers"]
kind = "members"
path = "/workers"
fewer = 3

[clusters.a.webhook]
url_env = "HOOK"
"""


def test_rules_of_alerts() -> None:
    (found,) = parse(tomllib.loads(RULES), "z.toml", "/etc/zoo")
    assert found.alerts == {
        "slow": Rule("latency", "critical", 60, 0, 50, 20.5),
        "few workers": Rule("members", path="/workers", fewer=3),
    }
    assert found.webhook == Webhook(url_env="HOOK") and found.history == "/etc/zoo/plots"
    assert (found.alerts["slow"].over, found.alerts["few workers"].over, Rule("lag", above=100).over) == (20.5, 3, 80)
    (silent,) = parse({"clusters": {"a": {"zookeeper": "zk", "alerts": {}}}}, "z.toml", "/")
    assert silent.alerts == {}
    (usual,) = parse({"clusters": {"a": {"zookeeper": "zk"}}}, "z.toml", "/")
    assert usual.alerts is None and usual.webhook is None


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("", "[clusters.a.alerts.x], kind: is missing; it is one of no-quorum, server-down, lag, latency, members,"),
        ("kind = 'lags'", "[clusters.a.alerts.x], kind: must be one of no-quorum, server-down, lag,"),
        ("kind = 'lag'", "[clusters.a.alerts.x], above: is missing; the kind lag needs it."),
        ("kind = 'lag'\nabove = 'many'", "[clusters.a.alerts.x], above: must be a number, 0 or more."),
        ("kind = 'lag'\nabove = nan", "[clusters.a.alerts.x], above: must be a number, 0 or more."),
        ("kind = 'lag'\nabove = true", "[clusters.a.alerts.x], above: must be a number, 0 or more."),
        ("kind = 'lag'\nabove = 5\nclear = 6", "[clusters.a.alerts.x], clear: must not be more than above."),
        ("kind = 'lag'\nabove = 5\nfewer = 6", "[clusters.a.alerts.x], fewer: is not known for the kind lag; known"),
        ("kind = 'stale'\nseverity = 'loud'", "severity: must be one of info, warning, critical."),
        ("kind = 'stale'\nfor = -1", "[clusters.a.alerts.x], for: must be a number of seconds from 0 to 86,400."),
        ("kind = 'members'\nfewer = 2", "[clusters.a.alerts.x], path: is missing; the kind members needs it."),
        ("kind = 'members'\nfewer = 2\npath = 'a'", "[clusters.a.alerts.x], path: must be the path of a group. The"),
        ("kind = 'members'\nfewer = 0\npath = '/a'", "fewer: must be a whole number from 1 to 100,000."),
        ("kind = 'members'\nfewer = 3\nclear = 2\npath = '/a'", "clear: must not be less than fewer."),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_by_its_name(lines: str, words: str) -> None:
    assert words in wrong(f"[clusters.a]\nzookeeper = 'zk'\n[clusters.a.alerts.x]\n{lines}")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("alerts = 1", "[clusters.a.alerts] must be tables"),
        ("alerts = {x = 1}", "[clusters.a.alerts.x] must be a table."),
        ("alerts = {'/x' = {kind = 'stale'}}", "[clusters.a.alerts./x] a name has 1 to 60"),
        ("webhook = {}", "[clusters.a.webhook], url: or url_env must be given"),
        ("webhook = {url = 'https://h/s3cret', url_env = 'H'}", "[clusters.a.webhook], url: or url_env must be given"),
        ("webhook = {url = 'ftp://h/s3cret'}", "[clusters.a.webhook], url: must be an address https://"),
        ("webhook = {url = 'https:///s3cret'}", "[clusters.a.webhook], url: must be an address https://"),
        ("webhook = {url_env = 'https://h/s3cret'}", "[clusters.a.webhook], url_env: must be the name of a variable"),
        ("history = 1", "[clusters.a], history: must be a text."),
    ],
)
def test_where_alerts_go(lines: str, words: str) -> None:
    said = wrong(f"[clusters.a]\nzookeeper = 'zk'\n{lines}")
    assert words.replace("] ", "]: ") in said or words in said
    assert "s3cret" not in said


def test_the_webhooks_address_may_stand_in_a_variable() -> None:
    environ = {"ZOOSCOPE_WEBHOOK_URL": "https://h/s3cret", "ZOOSCOPE_HISTORY": "kept"}
    found = from_variables(environ, "one", "/here")
    assert found.webhook == Webhook(url_env="ZOOSCOPE_WEBHOOK_URL") and found.history == "/here/kept"
    assert from_variables({}, "one", "/").webhook is None
