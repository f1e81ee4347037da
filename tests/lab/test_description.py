"""lab.json."""

from pathlib import Path

import pytest

from zkbridge.facts import Member
from zkbridge.lab import description


def test_what_is_written_is_read(tmp_path: Path) -> None:
    told = description.LabDescription(
        name="demo", tick=1000, hosts="127.0.0.1:1", records="/r", endpoint="ipc:///s",
        members=(Member("1", "127.0.0.1", 1, admin_port=2),),
    )  # fmt: skip
    description.write(tmp_path, told)
    assert description.read(tmp_path) == told
    assert [entry.name for entry in tmp_path.iterdir()] == ["lab.json"]


@pytest.mark.parametrize("text", [None, "", "[]", '{"name": 3}'])
def test_no_lab(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "lab.json").write_text(text)
    with pytest.raises(description.NoLab, match="There is no lab in"):
        description.read(tmp_path)
