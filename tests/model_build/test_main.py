from pathlib import Path

import pytest

from model_build import __main__ as command
from model_build.build import Result
from model_build.targets import TARGETS


def test_bad_input_is_one_sentence_and_a_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, nothing on standard output, and no link."""
    assert command.main(["--source", str(tmp_path / "nothing"), "--output", str(tmp_path / "model")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "is not builtin, hub:<id>@<revision> or a folder" in said.err
    assert not (tmp_path / "model").exists()


def test_target_and_neighbour_reach_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The options decide what is built, and the last line says which version it is."""
    asked: dict[str, object] = {}

    def build(source: str, **options: object) -> Result:
        asked.update(options, source=source)
        return Result(folder=tmp_path, version="0123456789ab", built=True)

    monkeypatch.setattr(command, "build", build)
    assert command.main(["--target", "gpu", "--beside", "before", "--output", "new"]) == 0
    assert (asked["source"], asked["beside"], asked["output"]) == ("builtin", Path("before"), Path("new"))
    assert asked["target"] is TARGETS["gpu"]
    assert capsys.readouterr().out.splitlines()[-1].startswith("model: sentiment 0123456789ab built in")


def test_an_unknown_target_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """The usage names what there is."""
    with pytest.raises(SystemExit):
        command.main(["--target", "tpu"])
    assert "gpu-tensorrt" in capsys.readouterr().err
