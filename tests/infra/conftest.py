"""The whole program under Pulumi mocks, with each example stack."""

from pathlib import Path
from typing import Any

import pytest

from local.paths import REPO
from local.program import ACCOUNT, FILES, Program, Recorder, Registered, run_program, stack_values, write_model

__all__ = [
    "ACCOUNT",
    "FILES",
    "REPO",
    "Program",
    "Recorder",
    "Registered",
    "run_program",
    "stack_values",
    "write_model",
]


def pytest_configure(config: pytest.Config) -> None:
    """pulumi-aws warns on import about resources of its own that we do not use."""
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning:pulumi_aws")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small built model."""
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def prod(model: Path) -> Program:
    """The program with the production example."""
    return run_program(stack_values("prod", model), stack="prod")


@pytest.fixture(scope="session")
def dev(model: Path) -> Program:
    """The program with the development example."""
    return run_program(stack_values("dev", model), stack="dev")


@pytest.fixture(scope="session", params=["dev", "prod"])
def program(request: pytest.FixtureRequest) -> Program:
    """The program with each AWS example stack."""
    found: Program = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def valid(model: Path) -> dict[str, Any]:
    """A configuration without fault, by key without namespace, that a test may spoil."""
    values = stack_values("prod", model)
    return {key.removeprefix("inference:"): value for key, value in values.items()}
