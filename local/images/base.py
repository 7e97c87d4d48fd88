"""A base image for a machine that reaches no image registry: Debian, with the packages that the Dockerfiles rely on."""

from pathlib import Path

from local.errors import LocalError
from local.images import archive, commands

SUITE = "bookworm"
PACKAGES = ("ca-certificates", "libgomp1", "libpython3.11", "python3", "python3-pip", "python3-venv")
_SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d/debian.sources"))
_EXCLUDED = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


def build(target: Path) -> None:
    """Write the base as the OCI archive `target`; raises LocalError where that cannot be done."""
    rootfs = target.with_suffix(".rootfs")
    try:
        commands.run(
            [
                "mmdebstrap",
                "--quiet",
                "--mode=root",
                "--format=tar",
                "--variant=minbase",
                f"--include={','.join(PACKAGES)}",
                *(f"--dpkgopt=path-exclude={pattern}" for pattern in _EXCLUDED),
                SUITE,
                str(rootfs),
                *sources(),
            ],
            contained=True,
        )
        archive.of_rootfs(target, rootfs=rootfs, environment={"PATH": "/usr/local/bin:/usr/bin:/bin"})
    finally:
        rootfs.unlink(missing_ok=True)


def sources(candidates: tuple[Path, ...] = _SOURCES) -> list[str]:
    """The machine's own APT sources of the suite, so that its mirror and its snapshot are used."""
    found = [str(path) for path in candidates if path.is_file() and SUITE in path.read_text()]
    if not found:
        raise LocalError(
            f"No base image can be pulled or made: let this machine reach an image registry, or add an APT source "
            f"of Debian {SUITE} in {candidates[-1]}."
        )
    return found
