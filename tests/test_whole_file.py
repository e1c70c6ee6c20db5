"""Files are whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgraph.errors import UsageError
from kgraph.whole_file import whole_file


def test_a_file_appears_when_all_is_written_and_its_folder_with_it(tmp_path: Path) -> None:
    with whole_file(tmp_path / "deep" / "x.txt") as draft:
        draft.write_text("new")
        assert not (tmp_path / "deep" / "x.txt").exists()
    assert [path.read_text() for path in (tmp_path / "deep").iterdir()] == ["new"]


def test_what_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("old")
    with pytest.raises(ValueError, match="stop"), whole_file(tmp_path / "x.txt") as draft:
        draft.write_text("half")
        raise ValueError("stop")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_path_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file")
    with pytest.raises(UsageError, match=r"cannot write .*/x/y"), whole_file(tmp_path / "x" / "y") as draft:
        draft.write_text("never")
