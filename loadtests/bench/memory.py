"""Memory of processes."""

from pathlib import Path

_KIB = 1024


def resident(pid: int) -> int:
    """Bytes that a process and its children hold, each its share of what several hold; a process that ends holds none."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        children = [Path(task, "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    own = next((int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss:")), 0)
    return own + sum(resident(int(child)) for each in children for child in each.split())
