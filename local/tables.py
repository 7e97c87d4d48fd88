"""The README's generated tables: `python -m local.tables` writes them from Pulumi.yaml, the rules, the emulator and the program."""

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from infra.cost.table import by_use, idle_cost
from local.aws.resources import RESOURCES
from local.paths import REPO
from local.program import run_program, stack_values, write_model
from policies.checkov.accepted import load_accepted, markdown
from policies.controls import Decided, load_controls
from policies.rules import RULES
from policies.rules.rule import Strength
from tests.infra.workloads.admission_cases import REFUSED

_WORDS = {
    Decided.IAC: "decided by code, but by no rule yet",
    Decided.PARTIAL: "partly visible to code, but to no rule yet",
    Decided.INHERITED: "inherited from AWS under the business associate agreement",
    Decided.ORGANISATIONAL: "up to the organisation",
}


def configuration() -> str:
    """Every configuration key with its default and description."""
    keys = yaml.safe_load((REPO / "Pulumi.yaml").read_text())["config"]
    rows = [f"| `{key}` | {_default(entry['default'])} | {entry['description']} |" for key, entry in keys.items()]
    return "\n".join(["| key | default | what it is |", "|---|---|---|", *rows])


def _default(value: object) -> str:
    return "" if value in ("", {}) else f"`{json.dumps(value)}`"


def controls() -> str:
    """The controls that rules evidence, with the rules (direct evidence in bold), then those that no rule decides."""
    evidence: dict[str, list[str]] = {}
    for rule in RULES:
        for cited, strength in rule.evidence.items():
            name = f"**{rule.name}**" if strength == Strength.DIRECT else rule.name
            evidence.setdefault(cited, []).append(name)
    rows, rest = [], dict[Decided, list[str]]()
    for control in load_controls():
        if control.id in evidence:
            rules = ", ".join(sorted(evidence[control.id]))
            rows.append(f"| {control.id} | {control.title} ({control.obligation}) | {rules} |")
        else:
            rest.setdefault(control.decided, []).append(control.id)
    notes = [f"- {_WORDS[decided]}: {', '.join(ids)}" for decided, ids in sorted(rest.items())]
    table = ["| 45 CFR | standard or specification | rules (direct evidence in bold) |", "|---|---|---|", *rows]
    return "\n".join([*table, "", "No rule decides these:", "", *notes])


def emulated() -> str:
    """How each resource type of AWS is emulated, by service."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for kind, resource in sorted(RESOURCES.items()):
        service, _, name = kind.partition(":")[2].partition("/")
        found.setdefault(service, ([], []))[resource.remembered].append(name.rpartition(":")[2])
    rows = [
        f"| {service} | {', '.join(applied)} | {', '.join(remembered)} |"
        for service, (applied, remembered) in found.items()
    ]
    header = "| service | applied to moto | checked against AWS's API model and remembered |"
    return "\n".join([header, "|---|---|---|", *rows])


def cost() -> str:
    """What the example stacks cost a month while idle, and what costs by use."""
    with tempfile.TemporaryDirectory() as folder:
        model = write_model(Path(folder))
        estimates = {
            stack: run_program(stack_values(stack, model), stack=stack).exports["monthly_cost_usd"]
            for stack in ("dev", "prod")
        }
    return "\n\n".join([idle_cost(estimates), by_use()])


def connections() -> str:
    """Who reaches what inside the cluster; tests/e2e tries every cell."""
    table = yaml.safe_load((REPO / "tests" / "e2e" / "connections.yaml").read_text())
    names = [destination["name"] for destination in table["destinations"]]

    def cell(source: dict[str, list[str]], name: str) -> str:
        return "open" if name in source["open"] else "" if name in source.get("untried", []) else "·"

    rows = [
        f"| {' | '.join([source['name'], *(cell(source, name) for name in names)])} |" for source in table["sources"]
    ]
    return "\n".join([f"| from | {' | '.join(names)} |", f"|---|{':-:|' * len(names)}", *rows])


def rights() -> str:
    """Who may do what in the cluster; a real API server is asked every cell."""
    matrix = yaml.safe_load((REPO / "tests" / "infra" / "workloads" / "rbac_matrix.yaml").read_text())
    rows = [f"| {row['do']} | {' | '.join(_right(cell) for cell in row['may'])} |" for row in matrix["actions"]]
    columns = matrix["columns"]
    places = [f"*{name}*: {', '.join(found)}" for name, found in matrix["places"].items() if found != [name]]
    head = [f"| may | {' | '.join(columns)} |", f"|---|{':-:|' * len(columns)}"]
    return "\n".join(
        [*head, *rows, "", f"{'; '.join(places)}. *nobody* is a user that the cluster knows and who is in no group."]
    )


def _right(cell: object) -> str:
    return "yes" if cell is True else "·" if cell == "\N{EN DASH}" else str(cell)


def admission() -> str:
    """What each admission policy is shown to refuse."""
    refused: dict[str, list[str]] = {}
    for case in REFUSED:
        refused.setdefault(case.policy, []).append(case.name)
    rows = [f"| `{policy}` | {', '.join(names)} |" for policy, names in sorted(refused.items())]
    return "\n".join(["| policy | objects that it is shown to refuse |", "|---|---|", *rows])


TABLES: Mapping[str, Callable[[], str]] = {
    "config": configuration,
    "controls": controls,
    "emulated": emulated,
    "cost": cost,
    "connections": connections,
    "rights": rights,
    "admission": admission,
    "checkov": lambda: markdown(load_accepted()),
}


def write(readme: Path) -> None:
    """Put each table between its two marks `<!-- name -->` and `<!-- end of name -->`."""
    text = readme.read_text()
    for name, table in TABLES.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{table()}\n{end}{rest.partition(end)[2]}"
    readme.write_text(text)


if __name__ == "__main__":
    write(REPO / "README.md")
