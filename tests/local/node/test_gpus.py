"""GPUs that the node says to have."""

import json
from pathlib import Path

from local.node import gpus
from local.node.layout import Layout


def test_the_node_has_room_for_a_second_triton_while_a_version_rolls_out(tmp_path: Path) -> None:
    """Two of the extended resource, in the status alone, by a patch that changes nothing the second time."""
    layout = Layout(tmp_path)
    layout.bin.mkdir(parents=True)
    (layout.bin / "kubectl").write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{tmp_path / 'called'}'\n")
    (layout.bin / "kubectl").chmod(0o755)
    gpus.advertise(layout)
    called = (tmp_path / "called").read_text().splitlines()
    patch = next(argument.partition("=")[2] for argument in called if argument.startswith("--patch="))
    assert called[-6:-1] == ["patch", "node", "inference", "--subresource=status", "--type=merge"]
    assert json.loads(patch) == {"status": {"capacity": {"nvidia.com/gpu": "2"}}}
