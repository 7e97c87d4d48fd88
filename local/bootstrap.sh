#!/bin/sh
# Makes the virtual environments from their hashed lock files; repeats nothing that is already right.
# usage: local/bootstrap.sh ENVIRONMENT LOCK …   e.g. local/bootstrap.sh .venv requirements/deploy.lock
set -eu
python=${PYTHON:-python3}
fail() { echo "$1" >&2; exit 1; }

command -v "$python" >/dev/null || fail "Python is missing: install Python 3.11 or 3.12 (on Debian: apt-get install python3 python3-venv)."
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' ||
  fail "$("$python" --version) does not fit: install Python 3.11 or 3.12, or name one with PYTHON=…"

while [ $# -ge 2 ]; do
  environment=$1 lock=$2; shift 2
  stamp="$environment/.installed"
  want=$(cat "$lock" requirements/uv.lock | sha256sum | cut -c1-16)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && continue
  echo "installing $lock into $environment"
  if ! "$python" -m venv "$environment" >/dev/null 2>&1; then
    # Debian keeps what venv needs in a package of its own.
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || fail "python3 -m venv does not work: install the package python3-venv."
    apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    rm -rf "$environment"
    "$python" -m venv "$environment"
  fi
  "$environment/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.lock ||
    fail "The Python package index does not answer: check the network (or pip's own configuration) and run this again."
  "$environment/bin/uv" pip sync -q --python "$environment/bin/python" --require-hashes requirements/uv.lock "$lock" ||
    fail "$lock could not be installed into $environment: the lines above say why; run this again when it is mended."
  # The repository itself is importable in both: packages are imported by their full names from its root.
  site=$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  pwd > "$site/repository.pth"
  echo "$want" > "$stamp"
done
