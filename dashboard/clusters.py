"""The clusters that this web process shows, and which of them a request is about."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from msgspec.structs import replace

from zkbridge.protocol.clusters import Cluster
from zkbridge.protocol.configuration import BadConfig, from_variables, parse

LARGEST = 1_048_576
"""Bytes of the largest file of configuration."""


def of(request: HttpRequest) -> Cluster:
    """The cluster that ``request`` is about: the one of its address, else the first."""
    return of_scope(getattr(request, "scope", {}))


def of_scope(scope: Mapping[str, Any]) -> Cluster:
    """The same of a socket, or whatever else has a scope."""
    found: Cluster | None = scope.get("cluster")
    return found or settings.CLUSTERS[0]


def load(environ: Mapping[str, str], title: str, socket: Path, run: Path) -> tuple[Cluster, ...]:
    """Those of the file in ZOOSCOPE_CONFIG, whose sockets lie in ``run`` unless it says otherwise; without a file, the
    one that the environment describes, called ``title``, on ``socket``. Raise `BadConfig`.
    """
    file = environ.get("ZOOSCOPE_CONFIG", "").strip()
    if not file:
        return (replace(from_variables(environ, title, str(Path.cwd())), socket=str(socket)),)
    return tuple(
        replace(cluster, socket=cluster.socket or str(run / f"{cluster.name}.sock")) for cluster in read(Path(file))
    )


def read(file: Path) -> tuple[Cluster, ...]:
    """The clusters of a file, TOML or, by its ending, JSON; raise `BadConfig`."""
    try:
        content = file.read_bytes()
        if len(content) > LARGEST:
            raise BadConfig(f"{file} has {len(content)} bytes; {LARGEST} are allowed.")
        text = content.decode()
        document: Any = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise BadConfig(f"{file} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise BadConfig(f"{file} is not a text in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{file} is not TOML: {error}.") from None
    except (json.JSONDecodeError, RecursionError):
        raise BadConfig(f"{file} is not JSON.") from None
    if not isinstance(document, dict):
        raise BadConfig(f"{file} is not a table of clusters.")
    return parse(document, str(file), str(file.absolute().parent))
