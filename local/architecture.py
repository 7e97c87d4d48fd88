"""The architecture as a picture, read off the program: `python -m local.architecture` writes infra/architecture.svg.

Every number, name and range in it comes from what the program registers for the production example; only the places of
the boxes are drawn by hand.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from local.paths import REPO
from local.program import Program, run_program, stack_values, write_model

PICTURE = REPO / "infra" / "architecture.svg"
STACK = "prod"
TEMPLATE = Path(__file__).with_name("architecture.svg.j2")


@dataclass(frozen=True)
class Box:
    """A labelled rectangle; positions and sizes in pixels. `kind` is a class of the style sheet."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    title: str
    lines: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Arrow:
    """A path of points, and what goes along it."""

    points: tuple[tuple[int, int], ...]
    label: str
    at: tuple[int, int]


def draw(program: Program) -> str:
    """The picture of what `program` registered, as SVG with a light and a dark look."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent),
        undefined=StrictUndefined,
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE.name).render(boxes=list(_boxes(program)), arrows=_arrows(program))


def _boxes(program: Program) -> Iterator[Box]:
    yield Box(20, 20, 1240, 906, "account", f"AWS account · {_region(program)} · stack {STACK}")
    yield Box(
        180, 60, 700, 626, "vpc", _vpc_title(program), ("no internet gateway, no NAT, flow logs and DNS query logs",)
    )
    yield from _edge(program)
    yield from _nodes(program)
    yield from _control_plane(program)
    yield from _column(_stores(program))
    yield from _audit(program)
    clients = sorted({rule["cidrIpv4"] for rule in _inputs(program, "SecurityGroupIngressRule") if "cidrIpv4" in rule})
    yield _fitting(36, 138, 128, "outside", "Clients", tuple(clients))
    yield _fitting(36, 540, 128, "outside", "People", tuple(_rights(program)))


def _edge(program: Program) -> Iterator[Box]:
    listener = next(each for each in _inputs(program, "Listener") if each["protocol"] == "HTTPS")
    rules = [rule["name"].removeprefix("AWSManagedRules") for rule in program.only("wafv2/webAcl:WebAcl")["rules"]]
    yield Box(200, 104, 660, 106, "subnet", f"edge subnets · {_cidrs(program, 'edge')}")
    yield Box(216, 132, 300, 66, "part", "Internal Application Load Balancer", (listener["sslPolicy"],))
    yield Box(532, 132, 312, 66, "part", f"AWS WAF · {len(rules)} rules", _wrapped(rules, 46))


def _nodes(program: Program) -> Iterator[Box]:
    yield Box(200, 222, 660, 262, "subnet", f"node subnets · {_cidrs(program, 'nodes')}")
    for x, width, name in ((216, 300, "system"), (532, 312, "gpu")):
        pool = program.only("NodeGroup", f"{name}-pool")
        scaling = pool["scalingConfig"]
        title = f"{name} pool · {', '.join(pool['instanceTypes'])}"
        purchase = pool["capacityType"].lower().replace("_", "-")
        size = f"{scaling['minSize']:.0f} to {scaling['maxSize']:.0f} nodes, {purchase}"
        yield Box(x, 250, width, 230, "pool", title, (size,))
    places = {"system": 0, "gpu": 0}
    numbers = {each["metadata"]["name"]: each["spec"] for each in _inputs(program, "HorizontalPodAutoscaler")}
    for deployment in sorted(
        _inputs(program, "Deployment"),
        key=lambda each: (each["metadata"]["name"] != "gateway", each["metadata"]["name"]),
    ):
        name = deployment["metadata"]["name"]
        place = deployment["spec"]["template"]["spec"]["nodeSelector"].get("inference/node-pool", "gpu")
        yield Box(
            230 if place == "system" else 546, 298 + 36 * places[place], 272, 28, "pod", _pods(name, numbers[name])
        )
        places[place] += 1
    for name in sorted(each["metadata"]["name"] for each in _inputs(program, "DaemonSet")):
        title = f"{name} · one a node"
        yield Box(546, 298 + 36 * places["gpu"], 272, 28, "pod", title)
        places["gpu"] += 1
    addons = sorted(_OWNER.sub("", each.inputs["addonName"]) for each in program.of("eks/addon:Addon"))
    yield Box(220, 298 + 36 * places["system"], 292, 86, "plain", f"{len(addons)} EKS add-ons", _wrapped(addons, 46))


_OWNER = re.compile("^(amazon|aws|eks)-")


def _pods(name: str, scaling: dict[str, Any]) -> str:
    least, most = scaling["minReplicas"], scaling["maxReplicas"]
    return f"{name} · {least:.0f} replicas" if least == most else f"{name} · {least:.0f} to {most:.0f} replicas"


def _control_plane(program: Program) -> Iterator[Box]:
    cluster = program.only("eks/cluster:Cluster")
    access = (
        f"{len(cluster['enabledClusterLogTypes'])} control-plane logs, {len(program.of('AccessEntry'))} access entries"
    )
    yield Box(200, 498, 316, 84, "subnet", f"control-plane subnets · {_cidrs(program, 'control-plane')}")
    title = f"Amazon EKS {cluster['version']} · private endpoint"
    yield Box(216, 524, 284, 48, "part", title, (access,))
    endpoints = sorted(each["serviceName"].split(".", 3)[3] for each in _inputs(program, "VpcEndpoint"))
    title = f"endpoint subnets · {_cidrs(program, 'endpoints')}"
    lines = (f"{len(endpoints)} VPC endpoints, each with a policy:", *_wrapped(endpoints, 48))
    yield Box(532, 498, 328, 172, "subnet", title, lines)
    groups = sorted(each.inputs["name"].rpartition("/")[2] for each in program.of("LogGroup"))
    yield Box(200, 592, 316, 84, "plain", f"{len(groups)} log groups, encrypted, kept", _wrapped(groups, 50))


def _stores(program: Program) -> Iterator[tuple[str, tuple[str, ...]]]:
    keys = sorted(each.inputs["name"].rpartition("/")[2] for each in program.of("kms/alias:Alias"))
    repositories = sorted(each.inputs["name"] for each in program.of("Repository"))
    buckets = sorted(each.name for each in program.of("s3/bucket:Bucket"))
    trusted = ["Federated" in each["assumeRolePolicy"] for each in _inputs(program, "iam/role:Role")]
    yield f"AWS KMS · {len(keys)} keys, rotated every year", _wrapped(keys, 52)
    yield f"Amazon ECR · {len(repositories)} repositories, immutable tags", _wrapped(repositories, 52)
    yield f"Amazon S3 · {len(buckets)} buckets, versioned, TLS only", _wrapped(buckets, 52)
    yield (
        "AWS IAM",
        (f"{sum(trusted)} roles of one service account each", f"{len(trusted) - sum(trusted)} roles of AWS services"),
    )


def _column(services: Iterator[tuple[str, tuple[str, ...]]]) -> Iterator[Box]:
    y = 60
    for title, lines in services:
        box = _fitting(900, y, 344, "service", title, lines)
        yield box
        y += box.height + 14


def _audit(program: Program) -> Iterator[Box]:
    alarms, filters = program.of("MetricAlarm"), program.of("LogMetricFilter")
    features = sorted(each["name"].lower().replace("_", " ") for each in _inputs(program, "DetectorFeature"))
    lock = program.only("BucketObjectLockConfiguration", "trail-lock")["rule"]["defaultRetention"]
    vault = program.only("VaultLockConfiguration")
    parts = (
        (
            "AWS CloudTrail",
            ("all regions, validated, encrypted", f"Object Lock {lock['mode']}, {lock['days']:.0f} days"),
        ),
        ("AWS Config", ("every resource type", f"{len(program.of('ConformancePack'))} conformance pack: HIPAA")),
        ("Amazon GuardDuty", _wrapped(features, 50)),
        ("AWS Security Hub, IAM Access Analyzer", (f"{len(program.of('StandardsSubscription'))} standards",)),
        (
            "Amazon CloudWatch",
            (f"{len(alarms)} alarms, {len(filters)} log filters", "to the security contact, encrypted"),
        ),
        ("AWS Backup", (f"locked vault, kept at least {vault['minRetentionDays']:.0f} days",)),
    )
    yield Box(36, 702, 1208, 208, "audit", "Audit and detection")
    for number, (title, lines) in enumerate(parts):
        yield Box(56 + number % 3 * 396, 734 + number // 3 * 86, 376, 74, "service", title, lines)


def _fitting(x: int, y: int, width: int, kind: str, title: str, lines: tuple[str, ...]) -> Box:
    return Box(x, y, width, 32 + 16 * len(lines), kind, title, lines)


def _arrows(program: Program) -> list[Arrow]:
    port = next(each for each in _inputs(program, "TargetGroup"))["port"]
    return [
        Arrow(((164, 162), (216, 162)), "TLS", (182, 154)),
        Arrow(((440, 198), (440, 298)), f"TLS, node port {port:.0f}", (446, 244)),
        Arrow(((502, 312), (546, 312)), "gRPC", (507, 305)),
        Arrow(((164, 590), (184, 590), (184, 548), (216, 548)), "", (0, 0)),
    ]


def _region(program: Program) -> str:
    return str(program.only("providers:aws")["region"])


def _vpc_title(program: Program) -> str:
    return f"VPC {program.only('Vpc')['cidrBlock']}"


def _cidrs(program: Program, use: str) -> str:
    found = [each.inputs["cidrBlock"] for each in program.of("Subnet") if each.name.rpartition("-")[0] == use]
    return f"{len(found)} of /{found[0].partition('/')[2]}"


def _rights(program: Program) -> Iterator[str]:
    groups = [name for entry in _inputs(program, "AccessEntry") for name in entry["kubernetesGroups"]]
    yield from sorted(name.partition(":")[2] for name in groups)


def _inputs(program: Program, kind: str) -> list[dict[str, Any]]:
    return [each.inputs for each in program.of(kind)]


def _wrapped(words: list[str], width: int) -> tuple[str, ...]:
    """The words with commas, in lines of at most `width` characters."""
    lines = [""]
    for word in words:
        joined = f"{lines[-1]}, {word}" if lines[-1] else word
        if len(joined) > width:
            lines.append(word)
        else:
            lines[-1] = joined
    return tuple(lines)


def picture() -> str:
    """The picture of the production example."""
    with tempfile.TemporaryDirectory() as folder:
        return draw(run_program(stack_values(STACK, write_model(Path(folder))), stack=STACK))


if __name__ == "__main__":
    PICTURE.write_text(picture())
