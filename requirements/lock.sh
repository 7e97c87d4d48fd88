#!/bin/sh
# Resolves the groups of pyproject.toml into lock files with hashes. The images' locks are held to the versions that the tests ran with.
set -eu
cd "$(dirname "$0")/.."
compile() { .venv/bin/uv pip compile -q --generate-hashes --no-header --no-annotate "$@"; }

for group in deploy serving checkov; do compile --python-version 3.11 --group "$group" -o "requirements/$group.lock"; done
for group in gateway fastapi-svc; do
  compile --python-version 3.11 --group "$group" -c requirements/serving.lock -o "requirements/$group.lock"
done
for group in triton tls-proxy k6; do compile --python-version 3.11 --group "$group" -o "requirements/$group.lock"; done
for peer in bentoml litserve ray; do compile --python-version 3.11 --group "peer-$peer" -o "requirements/peer-$peer.lock"; done
