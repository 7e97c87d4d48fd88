from pathlib import Path

import pytest

from tests.model_build.checkpoints import write_checkpoint


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound checkpoint of a few kilobytes; tests that change it take a copy."""
    return write_checkpoint(tmp_path_factory.mktemp("checkpoint") / "tiny")
