"""Claimed limits: what is beyond them is said, whatever the machine is allowed."""

from __future__ import annotations

import pytest

from tests import claims


def test_what_only_the_scale_lets_pass_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "SCALE", 3.0)
    monkeypatch.setattr(claims, "made", [])
    claims.hold("quick", 0.4, 0.5)
    claims.hold("slow", 0.6, 0.5)
    with pytest.raises(AssertionError, match="too slow"):
        claims.hold("too slow", 1.6, 0.5)
    assert [claim.kept for claim in claims.made] == [True, False, False]
    assert str(claims.made[0]) == "quick: 0.400 s of 0.5 s"
    assert "LATE" in str(claims.made[1]) and "ZOOSCOPE_TIMEOUT_SCALE=3" in str(claims.made[1])
