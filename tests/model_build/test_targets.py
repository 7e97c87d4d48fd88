from pathlib import Path

import pytest

from model_build.errors import BuildError
from model_build.targets import TARGETS, check


@pytest.mark.parametrize("flag", ["avx512_vnni", "avx_vnni"])
def test_eight_bits_are_built_where_they_can_be_verified(tmp_path: Path, flag: str) -> None:
    """Any of the two instruction sets does."""
    (tmp_path / "cpuinfo").write_text(f"flags\t\t: fpu avx2 {flag} sse\n")
    check(TARGETS["cpu-vnni"], processor=tmp_path / "cpuinfo")


def test_eight_bits_are_refused_where_they_would_saturate(tmp_path: Path) -> None:
    """Figures of a processor that adds in 16 bits would say nothing of the one that serves."""
    (tmp_path / "cpuinfo").write_text("flags\t\t: fpu avx2 avx512f\n")
    with pytest.raises(BuildError, match="no VNNI to verify cpu-vnni with"):
        check(TARGETS["cpu-vnni"], processor=tmp_path / "cpuinfo")


@pytest.mark.parametrize("name", ["cpu", "gpu", "gpu-tensorrt"])
def test_seven_bits_are_built_anywhere(tmp_path: Path, name: str) -> None:
    """They are right on every processor."""
    (tmp_path / "cpuinfo").write_text("")
    check(TARGETS[name], processor=tmp_path / "cpuinfo")
