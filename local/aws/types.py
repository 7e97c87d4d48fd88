"""What the plugin answers for, as a Markdown table: `python -m local.aws.types`."""

from local.aws.invokes import FUNCTIONS
from local.aws.resource import Resource, Step
from local.aws.resources import RESOURCES


def table() -> str:
    """One row for each resource type: how it is emulated and what can be changed in place; then the functions."""
    rows = [f"| `{kind}` | {_how(resource)} | {_changes(resource)} |" for kind, resource in sorted(RESOURCES.items())]
    functions = ", ".join(f"`{name.rpartition(':')[2]}`" for name in sorted(FUNCTIONS))
    return "\n".join(
        ["| Type | Emulated | Changed in place |", "|---|---|---|", *rows, "", f"Functions: {functions}.", ""]
    )


def _how(resource: Resource) -> str:
    return "validated against botocore's model and remembered" if resource.remembered else "applied to moto"


def _changes(resource: Resource) -> str:
    names = {name for step in resource.update for name in _inputs(step)}
    names |= {"tags"} if resource.tagging else set()
    return ", ".join(f"`{name}`" for name in sorted(names)) or "nothing"


def _inputs(step: object) -> tuple[str, ...]:
    return step.inputs if isinstance(step, Step) else getattr(step, "inputs", None) or ()


if __name__ == "__main__":
    print(table(), end="")
