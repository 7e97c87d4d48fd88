"""Where the local stack keeps things: caches that outlive it, and one directory of state that `make down` removes."""

import os
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
"""This clone."""

MODEL = REPO / "build" / "model"
"""Where `make model` puts what is served."""

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "private-inference"
"""Downloads and builds, each keyed by what it was made from; `make clean` removes it."""

STATE = Path(os.environ.get("LOCAL_STATE") or "/var/lib/private-inference")
"""Everything that the running stack writes. One directory for the machine, not one for each clone, because the addresses,
ports and interfaces are the machine's: a second clone finds the first one's stack here."""
