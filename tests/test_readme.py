"""The README says what is there: its commands, its configuration table, its control matrix, its links."""

import re
from pathlib import Path

import pytest
import yaml

from local.tables import TABLES

REPO = Path(__file__).resolve().parent.parent
README = (REPO / "README.md").read_text()


def targets() -> set[str]:
    """The targets of the Makefile that `make help` lists."""
    return set(re.findall(r"^([a-z0-9-]+):.*## ", (REPO / "Makefile").read_text(), re.MULTILINE))


def test_every_make_command_in_the_readme_exists() -> None:
    """A reader can type each of them."""
    named = set(re.findall(r"(?:[`(']|^|' )make (?:-s )?([a-z][a-z0-9-]*)", README, re.MULTILINE))
    assert named
    assert named <= targets()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_generated_table_is_the_one_that_its_source_gives(name: str) -> None:
    """`python -m local.tables` writes them; a change of their sources that forgot it fails here."""
    assert f"<!-- {name} -->\n{TABLES[name]()}\n<!-- end of {name} -->" in README


def test_every_path_in_the_readme_exists() -> None:
    """A file or folder named in code font that starts at a top-level folder is there."""
    tops = {path.name for path in REPO.iterdir() if not path.name.startswith(".")} - {"build", "reports"}
    named = {path for path in re.findall(r"`([\w./-]+)`", README) if path.split("/")[0] in tops and "/" in path}
    assert named
    assert [path for path in named if not (REPO / path).exists()] == []


def test_every_configuration_key_of_a_stack_is_described() -> None:
    """The example stacks use no key that Pulumi.yaml does not explain."""
    described = set(yaml.safe_load((REPO / "Pulumi.yaml").read_text())["config"])
    for stack in ("local", "dev", "prod"):
        keys = yaml.safe_load((REPO / f"Pulumi.{stack}.yaml").read_text())["config"]
        assert {key.removeprefix("inference:") for key in keys if key.startswith("inference:")} <= described
