"""The engine's project is rendered apart from the clone, and a killed run is recognised."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import toolchain
from local.engine import Engine
from local.errors import LocalError
from local.paths import REPO

PULUMI = """#!/bin/sh
case "$*" in
  "stack ls"*) echo '[{"name": "local"}]' ;;
  "stack export"*) cat "$EXPORTED" ;;
  "stack import"*) for file; do case "$file" in *.json) cp "$file" "$EXPORTED" ;; esac; done ;;
  "stack output"*) echo '{"gateway_url": "http://127.0.0.1:18080"}' ;;
  "up"*) printf 'Updating (local):\\nDiagnostics:\\n  aws:s3:Bucket (models):\\n    error: quota exceeded\\n'; exit 1 ;;
esac
env > "$SEEN"
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine whose `pulumi` answers from a script; its state has no unfinished operation."""
    pulumi = tmp_path / "bin" / "pulumi"
    pulumi.parent.mkdir()
    pulumi.write_text(PULUMI)
    pulumi.chmod(0o755)
    monkeypatch.setattr(toolchain, "path", lambda name: pulumi)
    monkeypatch.setattr("local.aws.install.install", lambda home, *, pulumi: None)
    monkeypatch.setenv("EXPORTED", str(tmp_path / "exported.json"))
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    exported(tmp_path, {})
    return Engine(directory=tmp_path / "pulumi", stack="local", policy_results=tmp_path / "results.jsonl")


def exported(tmp_path: Path, deployment: dict[str, Any]) -> Path:
    """Set what `pulumi stack export` prints."""
    (tmp_path / "exported.json").write_text(json.dumps({"deployment": deployment}))
    return tmp_path / "exported.json"


def lock(engine: Engine, pid: int) -> Path:
    """Leave the lock of a process in the state."""
    path = engine.directory / "backend" / ".pulumi" / "locks" / "local" / "lock.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"pid": pid}))
    return path


def test_values_go_into_a_copy_and_the_clone_stays_as_it_is(engine: Engine) -> None:
    """The rendered stack has the checked-in keys and the machine's, and points at this clone's program."""
    before = (REPO / "Pulumi.local.yaml").read_text()
    engine.prepare({"inference:kubeconfig": "/somewhere"})
    rendered = yaml.safe_load((engine.directory / "project" / "Pulumi.local.yaml").read_text())["config"]
    assert rendered["inference:kubeconfig"] == "/somewhere"
    assert rendered["inference:environment"] == "local"
    assert yaml.safe_load((engine.directory / "project" / "Pulumi.yaml").read_text())["main"] == str(REPO / "infra")
    assert (REPO / "Pulumi.local.yaml").read_text() == before


def test_the_salt_of_the_passphrase_is_kept_when_values_change(engine: Engine) -> None:
    """Without it, secrets in the state could not be read any more."""
    engine.prepare({})
    rendered = engine.directory / "project" / "Pulumi.local.yaml"
    rendered.write_text(rendered.read_text() + "encryptionsalt: v1:salt\n")
    engine.prepare({"inference:kubeconfig": "/elsewhere"})
    assert yaml.safe_load(rendered.read_text())["encryptionsalt"] == "v1:salt"


def test_the_passphrase_is_random_and_for_its_owner_only(engine: Engine) -> None:
    """Made once, mode 0600."""
    engine.prepare({})
    passphrase = engine.directory / "passphrase"
    first = passphrase.read_text()
    engine.prepare({})
    assert passphrase.read_text() == first
    assert len(first) >= 32
    assert passphrase.stat().st_mode & 0o077 == 0


def test_credentials_of_a_real_account_do_not_reach_the_emulator(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No AWS variable of the caller is passed on."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of a real account")
    assert not [name for name in engine.environment() if name.startswith("AWS_")]


def test_a_failed_update_is_told_by_its_diagnostics(engine: Engine) -> None:
    """The resource's name and AWS's reason, not the log of the run."""
    engine.prepare({})
    with pytest.raises(LocalError, match=r"aws:s3:Bucket \(models\):\n    error: quota exceeded") as caught:
        engine.run("up", on_line=lambda line: None)
    assert "Updating" not in str(caught.value)


def test_outputs_of_a_stack_that_is_not_up_name_the_remedy(engine: Engine) -> None:
    """Before anything was rendered there is nothing to ask."""
    with pytest.raises(LocalError, match="run `make up`"):
        engine.outputs()


def test_unfinished_operations_are_an_interruption_that_can_be_cleared(engine: Engine, tmp_path: Path) -> None:
    """A killed run's pending operations are seen and dropped; resources stay."""
    engine.prepare({})
    assert not engine.interrupted()
    state = exported(tmp_path, {"resources": [{"urn": "a"}], "pending_operations": [{"type": "creating"}]})
    assert engine.interrupted()
    engine.clear_interruption()
    assert not engine.interrupted()
    assert json.loads(state.read_text())["deployment"]["resources"] == [{"urn": "a"}]


def test_a_run_can_be_killed_at_any_moment_and_its_state_be_read(tmp_path: Path) -> None:
    """The engine replaces each file by a whole one, and keeps nothing beside it that it would write in place."""
    engine = Engine(directory=tmp_path / "pulumi", stack="local", policy_results=tmp_path / "results.jsonl")
    engine.prepare({})
    state = [path for path in (engine.directory / "backend").rglob("*") if path.is_file()]
    assert any(path.name.startswith("local.json") for path in state)
    assert not [path.name for path in state if path.suffix == ".attrs"]


def test_the_lock_of_a_dead_run_is_an_interruption(engine: Engine) -> None:
    """Its process is gone, so nobody will ever take the lock away."""
    engine.prepare({})
    path = lock(engine, pid=2**22 + 1)
    assert engine.interrupted()
    engine.clear_interruption()
    assert not path.exists()


def test_the_lock_of_a_run_that_is_at_work_is_respected(engine: Engine) -> None:
    """One sentence names the process to wait for."""
    engine.prepare({})
    lock(engine, pid=os.getpid())
    with pytest.raises(LocalError, match=f"pid {os.getpid()}.*wait for its end"):
        engine.interrupted()
