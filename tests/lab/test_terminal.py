"""What the terminal knows of its own end."""

import io
import os
import pty

from zkbridge.lab.terminal import Terminal


def test_a_terminal_that_was_closed_is_gone() -> None:
    ours, theirs = pty.openpty()
    with open(theirs, "w") as out:
        terminal = Terminal(out)
        assert not terminal.gone()
        os.close(ours)
        assert terminal.gone()


def test_what_is_no_terminal_never_goes() -> None:
    assert not Terminal(io.StringIO()).gone()
