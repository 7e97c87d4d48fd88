"""The program as it is can be written down for Checkov, so that `make checkov` does not stop at a new resource."""

from pathlib import Path

import pytest

from local.program import run_program, stack_values, write_model
from policies.checkov.manifests import manifest
from policies.checkov.terraform import values
from tests.policies.checkov.stacks import deployed


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_resource_of_the_program_can_be_written_down(stack: str, tmp_path: Path) -> None:
    """Each AWS resource as Terraform's values, each Kubernetes object as a manifest; of other providers there is nothing."""
    program = run_program(stack_values(stack, write_model(tmp_path)), stack=stack)
    written = [
        (values if each.type.startswith("aws:") else manifest)(deployed(each.type, each.name, each.inputs))
        for each in program.resources
        if each.type.startswith(("aws:", "kubernetes:"))
    ]
    assert len(written) > 100
    managed = {each.type.partition(":")[0] for each in program.resources}
    assert managed - {"inference", "pulumi"} == {"aws", "kubernetes"}
