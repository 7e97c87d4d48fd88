#!/opt/venv/bin/python
"""`tritonserver` of the CPU image: the server of the nvidia-pytriton wheel, with the command line of NVIDIA's image.

NVIDIA's image has its libraries and backends in the system's folders; a wheel has them below site-packages. This sets
the search paths, names the backend folder, and becomes the server: same pid, so signals reach it. Only the standard
library.
"""

import os
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

BACKENDS = Path("/opt/tritonserver/backends")
"""Where NVIDIA's image has them too; the Dockerfile fills it with the Python backend and this Python's stub."""


def environment(inherited: Mapping[str, str], *, prefix: Path, site_packages: Path) -> dict[str, str]:
    """`inherited`, with the wheel's libraries and libpython found by the loader, and `prefix`'s packages by the models.

    The backend's stub embeds Python, ignores PYTHONPATH, and takes the environment of the first python3 on PATH.
    """
    libraries = [str(site_packages / "nvidia_pytriton.libs"), str(sysconfig.get_config_var("LIBDIR"))]
    return {
        **inherited,
        "LD_LIBRARY_PATH": _joined(libraries, inherited.get("LD_LIBRARY_PATH")),
        "PATH": _joined([str(prefix / "bin")], inherited.get("PATH")),
    }


def command(arguments: Sequence[str], *, site_packages: Path, backends: Path = BACKENDS) -> list[str]:
    """The server and its arguments; `--backend-directory` is added unless the caller names one."""
    named = any(argument.split("=")[0] == "--backend-directory" for argument in arguments)
    server = site_packages / "pytriton" / "tritonserver" / "bin" / "tritonserver"
    return [str(server), *([] if named else [f"--backend-directory={backends}"]), *arguments]


def _joined(paths: Sequence[str], inherited: str | None) -> str:
    return os.pathsep.join([*paths, *([inherited] if inherited else [])])


def main() -> None:
    """Become the server; on failure the kernel's error ends the process."""
    site_packages = Path(sysconfig.get_path("purelib"))
    arguments = command(sys.argv[1:], site_packages=site_packages)
    env = environment(os.environ, prefix=Path(sys.prefix), site_packages=site_packages)
    os.execve(arguments[0], arguments, env)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
