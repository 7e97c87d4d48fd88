"""The plugin under the real engine: a small program lives its whole life."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local import toolchain
from local.aws import EMULATOR_NOTICE
from local.aws.api import Api
from local.aws.install import install
from local.paths import REPO
from tests.local.aws.conftest import restart

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi, pulumi_aws as aws
config = pulumi.Config()
cloud = aws.Provider("aws", region="us-east-1", default_tags=aws.ProviderDefaultTagsArgs(tags={"owner": "platform"}))
on = pulumi.ResourceOptions(provider=cloud)
vpc = aws.ec2.Vpc("vpc", cidr_block=config.require("cidr"), tags={"Name": "main"}, opts=on)
key = aws.kms.Key("key", description=config.require("purpose"), enable_key_rotation=True, opts=on)
bucket = aws.s3.Bucket("models", force_destroy=True, opts=on)
aws.s3.BucketObjectv2("manifest", bucket=bucket.bucket, key="manifest.json", kms_key_id=key.arn,
                      source=pulumi.FileAsset("manifest.json"), opts=on)
if role := config.get("adopt"):
    aws.iam.Role("adopted", name=role, description="by hand", assume_role_policy=config.require("trust"),
                 opts=pulumi.ResourceOptions(provider=cloud, import_=role))
if wrong := config.get("wrong"):
    aws.s3.Bucket("wrong", bucket=wrong, opts=on)
pulumi.export("group", vpc.default_security_group_id)
pulumi.export("vpc", vpc.id)
pulumi.export("key", key.id)
pulumi.export("account", aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=cloud)).account_id)
"""
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


class Stack:
    """A project in a folder of its own, with a file backend and a PULUMI_HOME of its own."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        self.pulumi = toolchain.path("pulumi")
        for name in ("home", "state", "program"):
            (folder / name).mkdir()
        runtime = {"name": "python", "options": {"virtualenv": str(Path(sys.executable).parent.parent)}}
        (folder / "program" / "Pulumi.yaml").write_text(json.dumps({"name": "small", "runtime": runtime}))
        (folder / "program" / "__main__.py").write_text(PROGRAM)
        (folder / "program" / "manifest.json").write_text("{}")
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.environment = {
            **inherited,
            "PYTHONPYCACHEPREFIX": str(folder / "pycache"),  # the types are compiled once, not at every start
            "PATH": f"{toolchain.path('pulumi-language-python').parent}:{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "AWS_ENDPOINT_URL": endpoint,
            "PYTHONPATH": str(REPO),
        }
        install(folder / "home", pulumi=self.pulumi)
        self.run("stack", "init", "local")
        self.configure(cidr="10.0.0.0/16", purpose="models")

    def run(self, *arguments: str, fails: bool = False) -> str:
        """What the CLI prints; asserts that it fails or does not."""
        done = subprocess.run(
            [str(self.pulumi), *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder / "program", env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def configure(self, **values: str) -> None:
        """Set configuration values."""
        arguments = [part for name, value in values.items() for part in ("--plaintext", f"{name}={value}")]
        self.run("config", "set-all", *arguments)

    def up(self, *more: str, fails: bool = False) -> tuple[dict[str, int], str]:
        """How many resources were changed in each way, and what was printed."""
        printed = self.run("up", "--yes", "--skip-preview", *more, fails=fails)
        state = json.loads(self.run("stack", "history", "--json", "--page-size", "1"))
        return state[0].get("resourceChanges", {}), printed

    def outputs(self) -> Any:
        """The stack's outputs."""
        return json.loads(self.run("stack", "output", "--json"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, moto: str) -> Stack:
    """One stack for the steps of this file, which follow each other."""
    restart(moto)
    return Stack(tmp_path_factory.mktemp("stack"), moto)


def test_up_creates(stack: Stack, shared_api: Api) -> None:
    """Everything is in moto, with default tags; the user is told that it is emulated, and of no plugin on PATH."""
    changes, printed = stack.up()
    assert changes == {"create": 6}
    assert EMULATOR_NOTICE in printed
    assert "resource-aws from $PATH" not in printed
    outputs = stack.outputs()
    assert outputs["account"] == "123456789012"
    (vpc,) = shared_api.call("ec2", "describe_vpcs", {"VpcIds": [outputs["vpc"]]})["Vpcs"]
    assert {tag["Key"]: tag["Value"] for tag in vpc["Tags"]} == {"Name": "main", "owner": "platform"}


def test_second_up_changes_nothing(stack: Stack) -> None:
    """The same program again, refreshed first, is no work."""
    assert stack.up("--refresh")[0] == {"same": 6}


def test_updates_in_place_and_replaces(stack: Stack) -> None:
    """A description is changed where it is; another CIDR takes another VPC."""
    before = stack.outputs()
    stack.configure(purpose="all models", cidr="10.1.0.0/16")
    assert stack.up()[0] == {"update": 1, "replace": 1, "same": 4}
    after = stack.outputs()
    assert after["key"] == before["key"]
    assert after["vpc"] != before["vpc"]


def test_a_restart_of_the_emulator_is_survived_and_a_role_adopted(stack: Stack, shared_api: Api) -> None:
    """`up --refresh` finds everything gone and makes it again; a role made by hand is imported without a change."""
    restart(shared_api.endpoint)
    role = {"RoleName": "by-hand", "AssumeRolePolicyDocument": TRUST, "Description": "by hand"}
    shared_api.call("iam", "create_role", {**role, "Tags": [{"Key": "owner", "Value": "platform"}]})
    stack.configure(trust=TRUST, adopt="by-hand")
    changes, _ = stack.up("--refresh")
    assert changes["import"] == 1
    assert "update" not in changes
    assert shared_api.call("ec2", "describe_vpcs", {"VpcIds": [stack.outputs()["vpc"]]})["Vpcs"]


def test_a_refusal_names_the_resource(stack: Stack) -> None:
    """What AWS refuses is shown with the resource's type and name, and nothing else changes."""
    stack.configure(wrong="b")
    changes, printed = stack.up(fails=True)
    assert "aws:s3/bucket:Bucket 'wrong': create_bucket was refused: InvalidBucketName" in printed
    assert changes.get("create", 0) == 0


def test_destroy_removes_everything(stack: Stack, shared_api: Api) -> None:
    """Nothing is left in moto: buckets are emptied, keys are scheduled for deletion."""
    stack.run("stack", "export", "--file", str(stack.folder / "before.json"))
    stack.run("destroy", "--yes", "--skip-preview")
    assert shared_api.call("s3", "list_buckets", {})["Buckets"] == []
    assert shared_api.call("iam", "list_roles", {})["Roles"] == []
    keys = [key["KeyId"] for key in shared_api.call("kms", "list_keys", {})["Keys"]]
    states = [shared_api.call("kms", "describe_key", {"KeyId": key})["KeyMetadata"]["KeyState"] for key in keys]
    assert set(states) == {"PendingDeletion"}


def test_a_state_from_before_a_destroy_is_emptied_by_the_next(stack: Stack) -> None:
    """As one that was killed leaves it, if it kept no checkpoints: a refresh finds that nothing is there any more."""
    stack.run("stack", "import", "--file", str(stack.folder / "before.json"))
    assert "deleted" in stack.run("destroy", "--yes", "--skip-preview", "--refresh")
    assert json.loads(stack.run("stack", "export"))["deployment"].get("resources", []) == []
