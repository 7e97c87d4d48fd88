"""What AWS refuses reaches the user of `pulumi up` by the resource's name, whole and once, under the real engine."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from local.aws.api import Api
from tests.local.aws.conftest import restart
from tests.local.aws.test_engine import Stack

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi, pulumi_aws as aws
on = pulumi.ResourceOptions(provider=aws.Provider("aws", region="us-east-1"))
role = "arn:aws:iam::123456789012:role/recorder"
aws.ecr.Repository("gateway", name="inference-prod/gateway", opts=on)
aws.cfg.Recorder("recorder", name="inference-prod", role_arn=role, opts=on)
aws.kms.Key("volumes", description="volumes", opts=on)
aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", opts=on)
aws.sns.Topic("alarms", name="inference-prod-alarms", opts=on)
"""
DENIED = (
    "User: arn:aws:sts::123456789012:assumed-role/deployer/ci is not authorized to perform: kms:CreateKey "
    "because no identity-based policy allows the kms:CreateKey action"
)
REFUSED = {  # operation -> how AWS words it: KMS in JSON, EC2 in XML
    "CreateKey": ("application/x-amz-json-1.1", json.dumps({"__type": "AccessDeniedException", "Message": DENIED})),
    "CreateVpc": (
        "text/xml",
        "<Response><Errors><Error><Code>VpcLimitExceeded</Code><Message>The maximum number of VPCs has been reached."
        "</Message></Error></Errors><RequestID>b25f48e8</RequestID></Response>",
    ),
}
MESSAGES = {
    "gateway": "aws:ecr/repository:Repository 'gateway': create_repository was refused: "
    "RepositoryAlreadyExistsException: The repository with name 'inference-prod/gateway' already exists in the "
    "registry with id '123456789012'.",
    "recorder": "aws:cfg/recorder:Recorder 'recorder': put_configuration_recorder was refused: "
    "MaxNumberOfConfigurationRecordersExceededException: Failed to put configuration recorder 'inference-prod' "
    "because the maximum number of configuration recorders: 1 is reached.",
    "volumes": f"aws:kms/key:Key 'volumes': create_key was refused: AccessDeniedException: {DENIED}.",
    "main": "aws:ec2/vpc:Vpc 'main': create_vpc was refused: VpcLimitExceeded: "
    "The maximum number of VPCs has been reached.",
}


@dataclass
class Account:
    """moto, except that the operations in `refused` are answered with AWS's own refusal, by its own protocol."""

    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    behind: Any = field(default_factory=lambda: DomainDispatcherApplication(create_backend_app))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2] or _action(body)
        if operation in self.refused:
            kind, text = self.refused[operation]
            start_response("400 Bad Request", [("Content-Type", kind), ("Content-Length", str(len(text.encode())))])
            return [text.encode()]
        answer: Iterable[bytes] = self.behind({**environ, "wsgi.input": io.BytesIO(body)}, start_response)
        return answer


def _action(body: bytes) -> str:
    """The operation that a form names; nothing for a body that is no form."""
    return parse_qs(body.decode(errors="replace")).get("Action", [""])[0]


@pytest.fixture(scope="module")
def account() -> Account:
    """An account in which nobody may make keys, and no further VPC is allowed."""
    return Account(refused=dict(REFUSED))


@pytest.fixture(scope="module")
def endpoint(moto: str, account: Account) -> Iterator[str]:
    """Where the account answers; it holds already what the program is about to make."""
    restart(moto)
    before = Api(endpoint=moto)
    before.call("ecr", "create_repository", {"repositoryName": "inference-prod/gateway"})
    recorder = {"name": "organization", "roleARN": "arn:aws:iam::123456789012:role/recorder"}
    before.call("config", "put_configuration_recorder", {"ConfigurationRecorder": recorder})
    server = make_server("127.0.0.1", 0, account, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, endpoint: str) -> Stack:
    """A stack whose program meets a conflict, a full quota and a missing permission at once."""
    found = Stack(tmp_path_factory.mktemp("faults"), endpoint)
    (found.folder / "program" / "__main__.py").write_text(PROGRAM)
    return found


@pytest.fixture(scope="module")
def first(stack: Stack) -> tuple[dict[str, int], str]:
    """The changes and the output of an update that goes on past refusals."""
    return stack.up("--continue-on-error", fails=True)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_refusal_is_told_by_the_resources_name(first: tuple[dict[str, int], str], name: str) -> None:
    """One line with type, name, operation, and AWS's own code and message; under the resource of that name."""
    diagnostics = first[1].partition("\nDiagnostics:\n")[2]
    told = re.findall(rf"^ +aws:\w+:\w+ \({name}\):\n +error: (.*)\n\n", diagnostics, re.MULTILINE)
    assert told == [MESSAGES[name]]


def test_no_traceback_is_shown(first: tuple[dict[str, int], str]) -> None:
    """A refusal is no failure of the program or of the plugin, and does not look like one."""
    assert "Traceback" not in first[1]
    assert "Exception" not in re.sub(r"\w+Exception:", "", first[1])


def test_the_rest_is_made(first: tuple[dict[str, int], str]) -> None:
    """What depends on nothing that was refused is there: the stack, the provider and the topic."""
    assert first[0] == {"create": 3}


def test_the_next_update_makes_what_was_refused(
    stack: Stack, account: Account, shared_api: Api, first: tuple[dict[str, int], str]
) -> None:
    """With the causes removed the same command completes, and makes nothing twice."""
    assert first
    account.refused.clear()
    shared_api.call("ecr", "delete_repository", {"repositoryName": "inference-prod/gateway"})
    shared_api.call("config", "delete_configuration_recorder", {"ConfigurationRecorderName": "organization"})
    changes, _ = stack.up()
    assert changes == {"create": 4, "same": 3}
