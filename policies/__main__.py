"""The policy pack: every rule, mandatory. The engine starts this file for `--policy-pack policies`."""

import os
import sys

from pulumi_policy import EnforcementLevel, PolicyPack

from policies import PACK_NAME
from policies.errors import PolicyError
from policies.exemptions import load_exemptions
from policies.pack import policies
from policies.record import Recorder
from policies.rules import RULES

try:
    exemptions = load_exemptions()
    recorder = Recorder.start(os.environ, exemptions)
except PolicyError as error:
    sys.exit(f"{PACK_NAME}: {error}")

PolicyPack(
    name=PACK_NAME,
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=policies(RULES, exemptions, recorder),
)
