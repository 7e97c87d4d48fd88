"""A model is what was reviewed: nothing that serves it can change it, neither its copy nor the original."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.rules.documents import Statement, statements
from policies.rules.identity import ROLE, granted
from policies.rules.pods import LONG_RUNNING, Pod, variable
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule, resource_rule

LOCATION = "MODEL_URI"
OF_WORKLOADS = ("sts:AssumeRoleWithWebIdentity", "pods.eks.amazonaws.com")
"""Action or principal by which pods, and not people or services, assume a role."""
CHANGES = (
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketPolicy",
    "s3:PutLifecycleConfiguration",
    "s3:PutObject",
    "s3:ReplicateObject",
)


def _fetching(pod: Pod) -> list[Properties]:
    return [item for _, item in pod.containers() if variable(item, LOCATION) is not None]


@resource_rule(
    "model-mounted-read-only",
    *LONG_RUNNING,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(c)(1)"),
    remediation="set readOnly on the volume's mount in every container but the one that fetches the model.",
    link="https://kubernetes.io/docs/concepts/storage/volumes/#read-only-mounts",
)
def model_mounted_read_only(workload: Resource) -> Findings:
    """What serves a model cannot write where it was fetched and verified."""
    pod = Pod(workload)
    fetching = _fetching(pod)
    if not fetching:
        raise NotApplicable(f"applies to pods that fetch a model ({LOCATION})")
    names = {item.get("name") for item in fetching}
    written = {mount["name"] for item in fetching for mount in item.get("volumeMounts") or () if not _fixed(mount)}
    for where, item in pod.containers():
        for mount in item.get("volumeMounts") or () if item.get("name") not in names else ():
            if mount["name"] in written and not _fixed(mount):
                yield f"{where} mounts {mount['name']}, where the model was fetched, writable"


def _fixed(mount: Properties) -> bool:
    return mount.get("readOnly") is True


@relation_rule(
    "model-bucket-read-only",
    ROLE,
    severity=Severity.HIGH,
    evidence=links(supporting="312(c)(1) 308(a)(4)(ii)(B)"),
    remediation="allow the role of a workload to read the bucket with models, and nothing else there.",
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/list_amazons3.html",
)
def model_bucket_read_only(role: Resource, stack: Stack) -> Findings:
    """No workload's role can change or delete the models that pods fetch."""
    trusted = [item for item in statements(role.props["assumeRolePolicy"]) if item.allows]
    if not any({*item.actions, *item.services}.intersection(OF_WORKLOADS) for item in trusted):
        raise NotApplicable("applies to roles that pods assume")
    buckets = stack.once(_buckets)
    if not buckets:
        raise NotApplicable(f"applies to stacks with pods that fetch a model ({LOCATION})")
    for statement in _rights(role, stack):
        for bucket in sorted(buckets) if statement.allows else ():
            actions = [action for action in CHANGES if statement.names_action(action)]
            if actions and _reaches(statement, bucket):
                yield f"{', '.join(actions)} is allowed on the bucket {bucket}, from which pods fetch models"


def _buckets(stack: Stack) -> frozenset[str]:
    pods = map(Pod, stack.typed(*LONG_RUNNING))
    places = (variable(container, LOCATION) or "" for pod in pods for container in _fetching(pod))
    return frozenset(place.removeprefix("s3://").partition("/")[0] for place in places)


def _rights(role: Resource, stack: Stack) -> Iterator[Statement]:
    """Everything that the policies of the stack give to the role."""
    own, by = ("name", "id", "arn"), "role"
    for attachment in stack.attached(role, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", by=by, identity=own):
        for policy in stack.named(attachment, "aws:iam/policy:Policy", by="policyArn", identity=("arn", "id")):
            yield from granted(policy)
    for policy in stack.attached(role, "aws:iam/rolePolicy:RolePolicy", by=by, identity=own):
        yield from granted(policy)
    yield from granted(role)


def _reaches(statement: Statement, bucket: str) -> bool:
    """Whether a resource of the statement lies in the bucket, or is the bucket."""
    arn = f"arn:aws:s3:::{bucket}"
    return "NotResource" in statement.all_but or any(
        fnmatchcase(arn, item.partition("/")[0]) for item in statement.resources
    )
