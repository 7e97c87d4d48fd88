#!/bin/sh
# Removes what only costs time to make again. A running stack is left alone: its state is not a cache.
set -eu
if [ -d "${LOCAL_STATE:-/var/lib/private-inference}" ]; then
  echo "The local stack has state on this machine: run \`make down\` first, then \`make clean\`." >&2
  exit 1
fi
# A killed image build may have left its file system in memory.
[ -x .venv/bin/python ] && .venv/bin/python -c "from local.images.mounts import unmount_below; from local.paths import CACHE; unmount_below(CACHE)"
rm -rf build reports .venv .venv-serving .venv-checkov .venv-triton .venv-peer-* "${XDG_CACHE_HOME:-$HOME/.cache}/private-inference"
find . -name __pycache__ -type d -prune -exec rm -rf {} +
