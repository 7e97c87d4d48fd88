"""What AWS Backup copies: which resources a Selection takes, and how often a plan copies them."""

from fnmatch import fnmatchcase

from policies.rules.resource import Properties, Resource, Stack
from policies.rules.services import allow_inherited

SELECTION = "aws:backup/selection:Selection"
RESOURCE_TAG = "aws:ResourceTag/"
EVERY_DAY = {"*", "?", "*/1", "1/1"}
"""How the fields of a cron expression for days say that none is left out."""


def daily(schedule: str) -> bool:
    """Whether a schedule expression means every day or oftener: `cron(0 5 * * ? *)`, `rate(12 hours)`."""
    kind, _, rest = schedule.partition("(")
    fields = rest.rstrip(")").split()
    if kind == "rate":
        return fields == ["1", "day"] or fields[-1].startswith(("minute", "hour"))
    return kind == "cron" and len(fields) == 6 and EVERY_DAY.issuperset((fields[2], fields[4])) and fields[3] == "*"


def backed_up(resource: Resource, stack: Stack) -> bool:
    """Whether a Selection takes the resource; raises Inherited where another runs the account's backups."""
    named = stack.attached(resource, SELECTION, by="resources", identity=("arn",))
    if any(_agreed(resource, each) for each in named):
        return True
    if any(_tagged(resource, each) or _matched(resource, each) for each in stack.typed(SELECTION)):
        return True
    allow_inherited(stack, "backup")
    return False


def _tags(resource: Resource) -> Properties:
    return {**resource.block("tagsAll"), **resource.block("tags")}


def _tagged(resource: Resource, selection: Resource) -> bool:
    tags = _tags(resource)
    return any(tags.get(item["key"]) == item["value"] for item in selection.items("selectionTags"))


def _matched(resource: Resource, selection: Resource) -> bool:
    """Whether a pattern of ARNs takes the resource."""
    patterns = [item for item in selection.items("resources") if "*" in item]
    return any(
        item == "*" or fnmatchcase(resource.computed("arn"), item) for item in patterns if _agreed(resource, selection)
    )


def _agreed(resource: Resource, selection: Resource) -> bool:
    """Whether the selection's conditions, if it has any, are equalities of tags that the resource has."""
    tags = _tags(resource)
    for condition in selection.items("conditions"):
        if any(condition.get(name) for name in condition if name != "stringEquals"):
            return False
        for item in condition.get("stringEquals") or ():
            if tags.get(item["key"].removeprefix(RESOURCE_TAG)) != item["value"]:
                return False
    return True
