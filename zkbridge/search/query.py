"""What a search looks for: a substring, a glob or a regular expression, in lines of UTF-8. Pure.

A query is matched against many lines at once, as one text: one call for a
thousand paths. So no match may leave its line, and ``^`` and ``$`` stand for
the ends of a line. Regular expressions run in RE2, whose time is linear.
"""

from __future__ import annotations

import re
from typing import Literal

import re2

from zkbridge.protocol.base import Problem
from zkbridge.protocol.topics import BadTopic

Where = Literal["path", "data"]
How = Literal["substring", "glob", "regex"]

LONGEST = 1_000
"""Characters of the longest query."""

LARGEST = 5_000
"""Instructions of the largest program that a regular expression may become."""

MEMORY = 2 << 20
"""Bytes that RE2 may use for one."""

HINTS = {"regular expression": "It is written as RE2 takes it.", "glob": "It knows *, **, ?, [a-c] and [!a-c]."}

_TOKEN = re.compile(r"\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\w*:\]|[^\]\\])*\]|\(\?[a-zA-Z-]*|.", re.DOTALL)
_ENDS = {"\\A": "^", "\\z": "$"}


class Query:
    """Compiled, for `find`. Raises `BadTopic` with code ``bad-query`` for what cannot be searched for."""

    def __init__(self, text: str, where: Where = "path", how: How = "substring") -> None:
        if not text:
            raise bad("There is nothing to search for.")
        if len(text) > LONGEST:
            raise bad(f"The query has {len(text)} characters; {LONGEST:,} are allowed.")
        if "\n" in text:
            raise bad("The query has a line break; names have none, and data are searched line by line.")
        self.where: Where = where
        self._needle = text.encode(errors="surrogatepass") if how == "substring" else None
        self._after_slash = how == "glob" and where == "path" and not text.startswith("/")
        if how == "glob":
            self._pattern = _compile(_from_glob(text, where), "glob")
        elif how == "regex":
            _compile(text)  # as it was written, so that what is wrong with it is said of that
            self._pattern = _compile(f"(?m:{_by_line(text)})")

    def find(self, lines: bytes, start: int) -> tuple[int, int] | None:
        """Where the first match at or after ``start`` begins and ends; ``start`` is the beginning of a line."""
        if self._needle is not None:
            at = lines.find(self._needle, start)
            return None if at < 0 else (at, at + len(self._needle))
        found = self._pattern.search(lines, start)
        if found is None:
            return None
        begin, end = found.span()
        return begin + self._after_slash, end


def bad(text: str, hint: str = "") -> BadTopic:
    return BadTopic(Problem("bad-query", text, hint))


def _compile(pattern: str, what: str = "regular expression") -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = options.never_nl = True
    options.max_mem = MEMORY
    try:
        compiled = re2.compile(pattern.encode(errors="surrogatepass"), options)
    except re2.error as error:
        reason = error.args[0] if error.args else b""
        words = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise bad(f"The {what} cannot be read: {words}.", HINTS[what]) from None
    finally:
        re2.purge()  # the module would keep the last 128, with all their memory
    if compiled.programsize > LARGEST:
        raise bad(f"The {what} is too large: {compiled.programsize:,} steps; {LARGEST:,} are allowed.")
    return compiled


def _by_line(pattern: str) -> str:
    """The same pattern where each line is a text of its own. Raises `BadTopic` for what could not keep to one."""
    parts = _TOKEN.findall(pattern)
    for part in parts:
        if part == "\\C":
            raise bad("The regular expression has \\C, a single byte; only whole characters are searched for.")
        if part.startswith("(?") and "m" in part:
            raise bad("The regular expression sets the flag m.", "Leave it out: ^ and $ are the ends of a line anyway.")
    return "".join(_ENDS.get(part, part) for part in parts)


def _from_glob(glob: str, where: Where) -> str:
    """A regular expression for a whole path, the last segments of one, or a whole line of data."""
    one, begin = ("[^/]", "^" if glob.startswith("/") else "/") if where == "path" else (".", "^")
    parts, at = [begin], 0
    while at < len(glob):
        character = glob[at]
        if glob.startswith("**/", at) and where == "path" and glob[at - 1 : at] in ("", "/"):
            parts.append("(?:.*/)?")
            at += 3
        elif glob.startswith("**", at):
            parts.append(".*")
            at += 2
        elif character == "[":
            at, found = _class(glob, at, where)
            parts.append(found)
        elif character == "\\":
            if at + 1 == len(glob):
                raise bad("The glob ends in a '\\', with nothing after it.", "Write \\\\ for the character itself.")
            parts.append(re2.escape(glob[at + 1]))
            at += 2
        else:
            parts.append({"*": f"{one}*", "?": one}.get(character) or re2.escape(character))
            at += 1
    return f"(?m:{''.join(parts)}$)"


def _class(glob: str, at: int, where: Where) -> tuple[int, str]:
    """Read '[a-c]' or '[!a-c]' at ``at``; where it ends, and what it is as a regular expression."""
    found = re.compile(r"\[([!^]?)(\]?[^\]]*)\]").match(glob, at)
    if found is None or not found[2]:
        raise bad(f"The glob has a '[' at position {at + 1} that no ']' ends.", "Write \\[ for the character itself.")
    inside = re.sub(r"[\\\[\]^&~]", r"\\\g<0>", found[2])
    if found[1]:
        return found.end(), f"[^{inside}{'/' if where == 'path' else ''}]"
    return found.end(), f"[{inside}]"
