"""The README's generated tables: `python -m local.tables` writes them from Pulumi.yaml and from the policy pack."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from local.paths import REPO
from policies.controls import Decided, load_controls
from policies.rules import RULES
from policies.rules.rule import Strength

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


TABLES: Mapping[str, Callable[[], str]] = {"config": configuration, "controls": controls}


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
