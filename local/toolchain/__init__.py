"""The tools of the local stack: an official one where PATH has a fitting one, else built here from pinned Go modules.

Every build lands in the cache under a name that holds the hash of what it was built from (module files, flags, compiler), so
that nothing is built twice and nothing stale is ever used.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from local.errors import LocalError
from local.paths import CACHE
from local.toolchain import official
from local.toolchain.programs import PROGRAMS, GoProgram

Progress = Callable[[str], None]
_MODULES = Path(__file__).parent
_SOURCES = ("go.mod", "go.sum", "*.go")
_BUILD_ENVIRONMENT = {
    "GOFLAGS": "-mod=mod -buildvcs=false",
    "GOGC": "800",  # the compiler then collects garbage seldom: an eighth less time for the largest program, for memory
}


def path(name: str) -> Path:
    """Where the program `name` is; raises LocalError where it is neither on PATH nor built."""
    if found := official.find(name):
        return found
    binary = _location(_program(name))
    if not binary.exists():
        raise LocalError(f"The tool {name} is not built yet: run `make tools`.")
    return binary


def ensure(names: Iterable[str], *, progress: Progress = print) -> None:
    """Build each of the programs that is neither on PATH nor built; raises LocalError with the compiler's last line."""
    for name in names:
        if official.find(name) is None and not _location(program := _program(name)).exists():
            _build(program, progress)


def origin(name: str) -> str:
    """One phrase for people: the version of `name`, and whether it is official, built or still missing."""
    if found := official.find(name):
        return f"{official.version(found)} (official, {found})"
    program = _program(name)
    return f"{program.version} ({'built from Go modules' if _location(program).exists() else 'not built yet'})"


def _program(name: str) -> GoProgram:
    return next(program for program in PROGRAMS if program.name == name)


def _location(program: GoProgram) -> Path:
    return CACHE / "tools" / f"{program.folder}-{_key(program.folder)}" / program.name


def _key(folder: str) -> str:
    """The hash of everything that the programs of one folder are built from."""
    digest = hashlib.sha256(_go_version().encode())
    for program in PROGRAMS:
        if program.folder == folder:
            digest.update(repr(program).encode())
            for pattern in _SOURCES:
                for source in sorted((_MODULES / program.module).rglob(pattern)):
                    digest.update(source.relative_to(_MODULES).as_posix().encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()[:16]


def _go_version() -> str:
    go = shutil.which("go")
    if go is None:
        raise LocalError(
            "Go is not on PATH: install Go 1.26 or newer, from which the tools of the local stack are built."
        )
    return subprocess.run([go, "env", "GOVERSION", "GOARCH"], check=True, capture_output=True, text=True).stdout


def _build(program: GoProgram, progress: Progress) -> None:
    """Build in a copy of the module, so that the working tree stays as it is, and move the binary into place at the end."""
    target = _location(program)
    target.parent.mkdir(parents=True, exist_ok=True)
    progress(f"building {program.name} {program.version} from Go modules (about {program.cold_s} s on 2 cores)")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as scratch:
        module = Path(shutil.copytree(_MODULES / program.module, Path(scratch) / "module"))
        if program.prepare:
            program.prepare(module, _run)
        output = Path(scratch) / program.name
        _run(
            ["go", "build", "-trimpath", "-ldflags", program.linker_flags, "-o", str(output), program.package],
            module,
            program.environment,
        )
        for extra in program.beside(module, _run) if program.beside else []:
            installed = target.parent / extra.name
            shutil.copyfile(extra, installed)
            installed.chmod(0o755)
        output.replace(target)


def _run(command: list[str], cwd: Path, environment: dict[str, str] | None = None) -> str:
    variables = os.environ | _BUILD_ENVIRONMENT | (environment or {})
    result = subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        last = (result.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise LocalError(
            f"`{' '.join(command[:2])}` failed in {cwd.name} ({last}); run it again when the Go module proxy answers."
        )
    return result.stdout
