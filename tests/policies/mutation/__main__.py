"""`python -m tests.policies.mutation` judges every mutant, prints the table and writes it: half a minute."""

import sys
import tempfile
from pathlib import Path

from tests.policies.mutation.bench import Bench
from tests.policies.mutation.subjects import program, world
from tests.policies.mutation.table import TABLE, harvest, render

with tempfile.TemporaryDirectory() as scratch:
    found = harvest(Bench(program(Path(scratch))), Bench(world()))
TABLE.write_text(render(found))
sys.stdout.write(render(found))
