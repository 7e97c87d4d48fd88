"""What the pack finds in the programs here, as Markdown: `policies/foreign.md`."""

from collections import Counter
from collections.abc import Mapping

from local.paths import REPO
from policies.rules import RULES
from tests.policies.programs.preview import Preview

TABLE = REPO / "policies" / "foreign.md"
PROGRAMS = {
    "eks-quickstart": "Python: a public cluster, its registry, a bucket and a privileged web application",
    "open-triton": "Pulumi YAML: Triton without a gateway, open to the world, with an access key for its models",
}
INTRODUCTION = """\
# The pack on programs that are not ours

Two small programs in the style of public examples, insecure on purpose (`tests/policies/programs/`), previewed by the
real engine with `--policy-pack policies`. Both are stopped. `python -m tests.policies.programs` writes this file, and
a test compares it.
"""


def render(previews: Mapping[str, Preview]) -> str:
    """The file for these previews, by program."""
    return "\n".join([INTRODUCTION, *(_program(name, found) for name, found in previews.items())])


def _program(name: str, preview: Preview) -> str:
    severity = {rule.name: rule.severity.value for rule in RULES}
    violations = preview.violations()
    unknown = Counter(line["rule"] for line in preview.results if line["outcome"] == "unknown")
    rows = [f"| {rule} | {severity[rule]} | {', '.join(found)} |" for rule, found in violations.items()]
    return "\n".join(
        [
            f"## {name}",
            "",
            f"{PROGRAMS[name]}. {len(violations)} rules are violated, on {_resources(violations)} resources.",
            *([f"A preview cannot decide {', '.join(sorted(unknown))} on {unknown.total()}."] if unknown else []),
            "",
            "| rule | severity | resources |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _resources(violations: Mapping[str, list[str]]) -> int:
    return len({label for found in violations.values() for label in found})
