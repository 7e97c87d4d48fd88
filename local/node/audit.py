"""The API server's audit log: what is recorded, and who may read the files."""

import os
from pathlib import Path

from local.node.layout import Layout

POLICY = Path(__file__).with_name("audit-policy.yaml")
GROUP = 65533
"""Group of the log's readers: nobody's on the machine, and of one pod. Ownership and mode stay when the log is rotated."""


def prepare(layout: Layout) -> None:
    """Make directory and log, root's to write and the group's to read; idempotent. Before the API server starts."""
    layout.audit_log.parent.mkdir(parents=True, exist_ok=True)
    layout.audit_log.touch()
    for path, mode in ((layout.audit_log.parent, 0o750), (layout.audit_log, 0o640)):
        os.chown(path, -1, GROUP)
        path.chmod(mode)
