"""What the local stack asks of the engine, and when: after a run that did not end well it does not trust its state."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from local import clusters, images, packages
from local import stack as module
from local.errors import LocalError
from local.stack import LocalStack


class Cluster:
    """A cluster that does nothing; `disposable` says whether it goes with the stack."""

    tools: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    advertises_gpus = False
    disposable = False

    def check(self) -> None: ...
    def start(self, say: object) -> None: ...
    def load(self, archive: Path, reference: str) -> None: ...
    def expose(self) -> None: ...
    def running(self) -> bool:
        return True

    def stop(self) -> None: ...


class Account:
    """An account that runs from its start to its end."""

    api = None

    def __init__(self) -> None:
        self.runs = False
        self.fails = False

    def start(self) -> None:
        if self.fails:
            raise LocalError("The port is taken.")
        self.runs = True

    def running(self) -> bool:
        return self.runs

    def stop(self) -> None:
        self.runs = False

    def environment(self) -> tuple[()]:
        return ()

    def values(self, stack: str) -> dict[str, Any]:
        return {}


class Issuer:
    """An issuer that does nothing."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class Engine:
    """Writes down what it is asked to run; `fails` names the operations that do not end well."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ran: list[tuple[str, bool, bool]] = []
        """Of each operation its name, whether it refreshed, and whether it kept checkpoints."""
        self.fails: Sequence[str] = ()
        self.killed = False

    def prepare(self, values: dict[str, Any]) -> None:
        (self.directory / "project").mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str, on_line: object = None, checkpoints: bool = True) -> str:
        self.ran.append((arguments[0], "--refresh" in arguments, checkpoints))
        if arguments[0] in self.fails:
            raise LocalError(f"{arguments[0]} failed")
        return ""

    def interrupted(self) -> bool:
        return self.killed

    def clear_interruption(self) -> None:
        self.killed = False


class World:
    """A stack whose surroundings do nothing but remember."""

    def __init__(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = state
        self.cluster, self.account, self.engine = Cluster(), Account(), Engine(state / "pulumi")
        monkeypatch.setattr(clusters, "choose", lambda state, environment: self.cluster)
        monkeypatch.setattr(module, "EmulatedAccount", lambda state, cluster: self.account)
        monkeypatch.setattr(module, "Engine", lambda **_: self.engine)
        monkeypatch.setattr(module, "IssuerProcess", lambda directory: Issuer())
        monkeypatch.setattr(module, "recover", self._recover)
        monkeypatch.setattr(module, "ensure_tools", lambda say: None)
        monkeypatch.setattr(module, "_build_model", lambda say: None)
        monkeypatch.setattr(packages, "ensure", lambda names, say: None)
        monkeypatch.setattr(images, "build_all", lambda repo, cache, progress: {})
        monkeypatch.setattr(LocalStack, "_values", lambda stack: {})
        monkeypatch.setattr(LocalStack, "_predict", lambda stack, say: None)

    def _recover(self, engine: Engine, api: None, say: object) -> bool:
        killed = engine.interrupted()
        engine.clear_interruption()
        return killed

    def up(self) -> list[tuple[str, bool, bool]]:
        """What a `make up` asks of the engine, whether it ends well or not."""
        return self._asked(lambda: LocalStack(self.state).up())

    def down(self) -> list[tuple[str, bool, bool]]:
        """What a `make down` asks of the engine, whether it ends well or not."""
        return self._asked(lambda: LocalStack(self.state).down(lambda line: None))

    def _asked(self, command: Any) -> list[tuple[str, bool, bool]]:
        self.engine.ran = []
        with suppress(LocalError):
            command()
        return self.engine.ran


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Nothing is up yet."""
    return World(tmp_path / "state", monkeypatch)


def test_the_plan_is_seen_before_anything_is_made(world: World) -> None:
    """Where the preview fails, by the policy pack say, nothing is deployed; checkpoints are kept of what is."""
    world.engine.fails = ["preview"]
    assert [name for name, *_ in world.up()] == ["preview"]
    world.engine.fails = []
    assert world.up() == [("preview", True, True), ("up", True, True)]


def test_a_stack_that_is_up_is_not_refreshed(world: World) -> None:
    """The first run into an empty account is, the second not."""
    world.up()
    assert world.up() == [("preview", False, True), ("up", False, True)]


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_a_run_that_did_not_end_well_is_refreshed_by_the_next(world: World, operation: str) -> None:
    """However far it came, and once only."""
    world.up()
    world.engine.fails = [operation]
    world.up()
    world.engine.fails = []
    assert world.up() == [("preview", True, True), ("up", True, True)]
    assert world.up() == [("preview", False, True), ("up", False, True)]


def test_an_account_that_began_anew_is_remembered_until_the_state_agrees(world: World) -> None:
    """A run that ends between the start of the account and the engine's does not hide that the account is empty."""
    world.up()
    world.account.runs, world.account.fails = False, True
    assert world.up() == []
    world.account.runs, world.account.fails = True, False
    assert world.up() == [("preview", True, True), ("up", True, True)]


def test_what_was_killed_is_destroyed_after_a_refresh(world: World) -> None:
    """What the killed run took away is not taken away again."""
    world.up()
    world.engine.killed = True
    assert world.down() == [("destroy", True, True)]


def test_a_cluster_that_goes_anyway_needs_no_checkpoints_to_be_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that stays does: what is left in it can only be found through the state."""
    monkeypatch.setattr(world.cluster, "disposable", True)
    world.up()
    assert world.down() == [("destroy", False, False)]
    monkeypatch.setattr(world.cluster, "disposable", False)
    world.up()
    assert world.down() == [("destroy", False, True)]


def test_an_update_after_a_killed_destroy_is_refreshed(world: World) -> None:
    """The state may still have what is gone."""
    world.up()
    world.engine.fails = ["destroy"]
    world.down()
    world.engine.fails = []
    assert world.up() == [("preview", True, True), ("up", True, True)]
