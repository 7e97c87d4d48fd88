"""The names that the gateway's rules know."""

from pathlib import Path

import pytest

from model_build.deid import told


def test_names_are_written_apart_from_names_that_are_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Surnames that are everyday words are in neither file."""
    (tmp_path / "words").mkdir()
    (tmp_path / "lists.txt").write_text("1 karen\n2 okafor\n18 long\n17 grace\n32 digoxin\n")
    monkeypatch.setattr(told, "MODEL", tmp_path)
    monkeypatch.setattr(told, "files", lambda package: tmp_path)
    told.main()
    assert (tmp_path / "words" / "names.txt").read_text().splitlines()[1:] == ["karen okafor"]
    assert (tmp_path / "words" / "given_names_that_are_words.txt").read_text().splitlines()[1:] == ["grace"]
