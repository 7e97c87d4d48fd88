"""Official tools on PATH that take the place of ones built here."""

import functools
import re
import shutil
import subprocess
from pathlib import Path

_VERSION_COMMANDS = {"pulumi": ["version"], "pulumi-language-python": ["-version"]}
_FITTING = {"pulumi": ((3, 230), (4, 0))}
"""Per tool the first version that fits and the first that does not. 3.230 brought `pulumi policy analyze`."""


@functools.cache
def find(name: str) -> Path | None:
    """The official `name` that is used in place of a built one, or None. The language host lies beside an official CLI."""
    if name == "pulumi-language-python":
        cli = find("pulumi")
        host = cli.resolve().parent / name if cli else None
        return host if host and host.exists() else None
    if name not in _FITTING:
        return None
    on_path = shutil.which(name)
    return Path(on_path) if on_path and _fits(name, version(Path(on_path))) else None


@functools.cache
def version(tool: Path) -> str:
    """What the tool prints of its version, without a leading v; empty where it prints none."""
    result = subprocess.run([tool, *_VERSION_COMMANDS.get(tool.name, ["--version"])], capture_output=True, text=True)
    found = re.search(r"v?(\d+\.\d+\.\d+\S*)", result.stdout)
    return found[1] if found else ""


def _fits(name: str, text: str) -> bool:
    first, last = _FITTING[name]
    parts = re.match(r"(\d+)\.(\d+)", text)
    return parts is not None and first <= (int(parts[1]), int(parts[2])) < last
