"""The policy pack: every rule, mandatory. The engine starts this file for `--policy-pack policies`."""

import os
import sys
from pathlib import Path

from policies import PACK_NAME
from policies.errors import PolicyError
from policies.pack import Pack
from policies.record import Recorder
from policies.rules import RULES
from policies.server import Analyzer, serve
from policies.waivers import load_waivers

results = os.environ.get("POLICY_RESULTS")
try:
    analyzer = Analyzer(Pack(RULES, load_waivers(), Recorder(Path(results) if results else None)))
except PolicyError as error:
    sys.exit(f"{PACK_NAME}: {error}")
serve(analyzer)
