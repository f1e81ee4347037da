"""YAML, as it is: it is only read as far as its syntax, so neither aliases nor tags make anything of it."""

from __future__ import annotations

import re

import yaml

from dashboard.decoding.decoder import DEEPEST, Result, Text, Undecodable
from dashboard.decoding.readable import readable

_MARK = re.compile(r"^(?:---|%YAML|%TAG)(?:\s|$)", re.MULTILINE)
_LINE = re.compile(r"""^[ ]*(?:- |-$|(?:[\w.$/-]+|"[^"\n]*"|'[^'\n]*'):(?:[ ]|$))""", re.MULTILINE)


class Yaml:
    name = "yaml"
    label = "YAML"
    quick = False

    def detect(self, data: bytes, path: str) -> float:
        found = readable(data)
        if found is None:
            return 0
        if _MARK.match(found):
            return 0.9
        lines = sum(1 for _ in _LINE.finditer(found))
        written = sum(1 for line in found.splitlines() if line.strip() and not line.lstrip().startswith("#"))
        return 0 if not lines else 0.6 if lines * 2 >= written else 0.3

    def decode(self, data: bytes, limit: int) -> Result:
        found = readable(data)
        if found is None:
            raise Undecodable("It is not text in UTF-8.")
        depth, collections = 0, 0
        try:
            for event in yaml.parse(found, Loader=yaml.CSafeLoader):
                if isinstance(event, yaml.CollectionStartEvent):
                    depth, collections = depth + 1, collections + 1
                elif isinstance(event, yaml.CollectionEndEvent):
                    depth -= 1
                if depth > DEEPEST:
                    raise Undecodable("It nests too deeply to be read.")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            raise Undecodable(f"It is not YAML: {error.problem or 'it cannot be read'}{where}.") from None
        except (yaml.YAMLError, RecursionError, ValueError):
            raise Undecodable("It is not YAML.") from None
        if not collections:
            raise Undecodable("It is YAML only as any text is: it has neither keys nor a list.")
        return Text(found, "yaml")
