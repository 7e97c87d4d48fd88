"""`python -m tests.policies.programs` previews every program and writes the table of what was found."""

import sys
import tempfile
from pathlib import Path

from local import toolchain
from tests.policies.programs.preview import HOSTS, preview
from tests.policies.programs.table import PROGRAMS, TABLE, render

toolchain.ensure(["pulumi", *HOSTS.values()])
with tempfile.TemporaryDirectory() as scratch:
    TABLE.write_text(render({name: preview(name, Path(scratch, name)) for name in PROGRAMS}))
sys.stdout.write(f"wrote {TABLE}\n")
