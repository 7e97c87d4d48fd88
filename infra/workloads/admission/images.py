"""Images: what was scanned is what runs, so they come from the stack's own registry and are named by what they contain."""

import json
from collections.abc import Sequence

import pulumi

from infra.workloads.admission import pods
from infra.workloads.admission.policy import Policy, Rule

_DIGEST = "c.image.matches('@sha256:[0-9a-f]{64}$')"
# Without a tag the image is `latest` too. A port of the registry is no tag: it is followed by a slash.
_LATEST = "!c.image.contains('@') && (c.image.endsWith(':latest') || !c.image.matches(':[^/]+$'))"


def policy(registries: Sequence[pulumi.Input[str]]) -> Policy:
    """Images of `registries` (each ends in `/`), by digest."""
    return Policy(
        name="inference-images",
        resources=pods.RESOURCES,
        conditions=pods.CONDITIONS,
        variables={**pods.VARIABLES, "registries": pulumi.Output.all(*registries).apply(json.dumps)},
        rules=(
            Rule(
                "latest",
                pods.containers(_LATEST),
                "container {}: the image is `latest`, which is another one tomorrow; "
                "name it by digest, as <repository>@sha256:<64 hexadecimal digits>.",
            ),
            Rule(
                "undigested",
                pods.containers(f"!{_DIGEST}"),
                "container {}: the image is named by a tag, which can be moved; "
                "name it by digest, as <repository>@sha256:<64 hexadecimal digits>.",
            ),
            Rule(
                "foreign",
                pods.containers("!variables.registries.exists(r, c.image.startsWith(r))"),
                "container {}: the image is not from the stack's own registry; publish or mirror it there, where it is scanned.",
            ),
        ),
    )
