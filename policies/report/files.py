"""Writing a report's files: all of them or none."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from policies.errors import PolicyError


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write them to a folder of their own first, then move them in; what else is there stays.

    Raises PolicyError where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder, prefix=".new-"))
        try:
            for name, content in files.items():
                (beside / name).write_text(content)
                if (folder / name).is_dir():
                    raise IsADirectoryError(0, f"{name} is a folder")
            for name in files:
                (beside / name).replace(folder / name)
        finally:
            shutil.rmtree(beside)
    except OSError as error:
        raise PolicyError(f"{folder} cannot be written ({error.strerror}); name another --output.") from error
