"""Counts as sentences have them. Pure."""


def number(count: int) -> str:
    return f"{count:,}"


def znodes(count: int, one: str = "", more: str = "") -> str:
    """'1 znode', '1,204 znodes'; with a verb in both numbers: '1 znode is', '2 znodes are'."""
    verb = one if count == 1 else more
    return f"{count:,} znode{'' if count == 1 else 's'}{f' {verb}' if verb else ''}"


def counted(count: int, one: str, more: str) -> str:
    """'1 is', '2 are'."""
    return f"{count:,} {one if count == 1 else more}"
