"""From a checkpoint to a verified Triton model repository with its manifest."""

import os

# Read when torch is loaded. By default its threads spin while they wait for each other: beside other work on the same
# cores (`make up` compiles meanwhile) a step then takes fifty times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
