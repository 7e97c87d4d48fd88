"""A stack applied to an emulated account, for its state: there every value and every reference is known.

A preview would be quicker and say less: what comes into being with a resource is unknown in it, and with that whole
policy documents, because a bucket's ARN stands in them. So the real engine applies the program to an empty AWS account
in this process (moto) and to a Kubernetes that accepts everything; the state is kept, and both are forgotten.
"""

import logging
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import yaml

from infra.config_types import PLACEHOLDER_DIGEST
from local.aws.emulator import start_here
from local.engine import KUBERNETES_PLUGIN, Engine, ensure_tools
from local.paths import REPO
from local.progress import Counter

BUILD = REPO / "build" / "checkov"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "emulated", "AWS_SECRET_ACCESS_KEY": "emulated"}
_DIGEST = "sha256:" + "1" * 64
"""Stands for images that were never pushed: the program takes placeholders in previews only."""


def applied_state(stack: str, say: Callable[[str], None]) -> str:
    """What `pulumi stack export` says of `stack` ("dev" or "prod") once it is applied; raises LocalError where that fails."""
    ensure_tools(say)
    say(f"applying {stack} to an emulated account; nothing is contacted")
    directory = BUILD / stack
    shutil.rmtree(directory, ignore_errors=True)
    config = yaml.safe_load((REPO / f"Pulumi.{stack}.yaml").read_text())["config"]
    region = config["aws:region"]
    with _account() as endpoint:
        engine = Engine(
            directory=directory,
            stack=stack,
            policy_results=directory / "policy-results.jsonl",
            extra_environment=(("AWS_ENDPOINT_URL", endpoint), ("AWS_REGION", region), *_CREDENTIALS.items()),
        )
        engine.prepare(applicable(config, certificate_id=_certificate(endpoint, region)))
        _accept_kubernetes(engine)
        update = ("up", "--yes", "--skip-preview", "--stack", stack)
        engine.run(*update, on_line=Counter(say, directory / "up.log"), checkpoints=False)
        state = engine.run("stack", "export", "--stack", stack)
    kept_state(stack).write_text(state)
    return state


def kept_state(stack: str) -> Path:
    """Where the state of the last time stays, for the policy report."""
    return BUILD / stack / "state.json"


@contextmanager
def _account() -> Iterator[str]:
    """URL of an empty account."""
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would print a line for every call
    server, url = start_here()
    try:
        yield url
    finally:
        server.stop()


def _certificate(endpoint: str, region: str) -> str:
    """Id of a certificate in the account: a listener is refused without one."""
    keys = {name.lower(): value for name, value in _CREDENTIALS.items()}
    acm = boto3.client("acm", region_name=region, endpoint_url=endpoint, **keys)
    arn: str = acm.request_certificate(DomainName="inference.example.com")["CertificateArn"]
    return arn.rpartition("/")[2]


def applicable(config: Mapping[str, Any], *, certificate_id: str) -> dict[str, Any]:
    """Values (full keys) in place of those of a stack's `config` that only a preview takes, or that name what is elsewhere."""
    digests, edge = config.get("inference:imageDigests"), config.get("inference:edge")
    values: dict[str, Any] = {}
    if digests:
        pushed = {image: _DIGEST if digest == PLACEHOLDER_DIGEST else digest for image, digest in digests.items()}
        values["inference:imageDigests"] = pushed
    if edge:
        values["inference:edge"] = {**edge, "certificateId": certificate_id}
    return values


def _accept_kubernetes(engine: Engine) -> None:
    """Put the accepting provider where this engine, and no other, looks for the Kubernetes one."""
    folder = engine.directory / "home" / "plugins" / f"resource-kubernetes-v{KUBERNETES_PLUGIN}"
    plugin = folder / "pulumi-resource-kubernetes"
    shutil.rmtree(folder, ignore_errors=True)  # a link to the real one may be there
    folder.mkdir(parents=True)
    root, python = shlex.quote(str(REPO)), shlex.quote(sys.executable)
    plugin.write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {python} -m policies.checkov.accepting_provider "$@"\n')
    plugin.chmod(0o755)
