"""What became of every mutant, by rule, as Markdown: `policies/mutants.md`."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from local.paths import REPO
from policies.rules import RULES
from tests.policies.mutation.bench import Bench
from tests.policies.mutation.mutant import Mutant
from tests.policies.mutation.survivors import Kind, Reason, load, reason_of

TABLE = REPO / "policies" / "mutants.md"
INTRODUCTION = """\
# Mutants

Everything that a rule reads of a compliant stack is made worse, one thing at a time: switches turned, values removed,
replaced or widened, elements dropped or added, documents changed inside, resources removed or added
(`tests/policies/mutation/`). The stack is `prod` as an update would leave it, with its tunnel; rules without a subject
there are tried on the world of the rules' own tests. `python -m tests.policies.mutation` writes this file, and a test
compares it.

For each rule: its compliant resources, the changes to what it reads of them, and how many of these it notices itself
("killed"), only other rules notice, or none does ("survived"). "Together with" are the rules that fire on the same
changes, because they read the same thing or because what was removed is theirs too.
"""


@dataclass
class Row:
    """One rule's mutants."""

    rule: str
    world: bool
    subjects: int
    mutants: int = 0
    killed: int = 0
    others: int = 0
    together: Counter[str] = field(default_factory=Counter)
    first: Mutant | None = None
    """The first that the rule notices."""

    @property
    def survived(self) -> int:
        """Those that no rule notices."""
        return self.mutants - self.killed - self.others


@dataclass
class Harvest:
    """The rows, and every surviving change with how often it survived and which rules read what was changed."""

    rows: list[Row]
    mutants: int
    survivors: Counter[str]
    readers: dict[str, set[str]]


def harvest(program: Bench, world: Bench) -> Harvest:
    """Judge every mutant of every rule."""
    judged: dict[tuple[bool, Mutant], frozenset[str]] = {}
    readers: dict[str, set[str]] = defaultdict(set)
    rows = []
    for rule in (rule.name for rule in RULES):
        bench = tried_on(rule, program, world)
        row = Row(rule, bench is world, len(bench.compliant(rule)))
        for mutant in bench.mutants(rule):
            key = (row.world, mutant)
            if key not in judged:
                judged[key] = bench.judge(mutant)
            _count(row, mutant, judged[key])
            if not judged[key]:
                readers[str(mutant)].add(rule)
        rows.append(row)
    survivors = Counter(str(mutant) for (_, mutant), fired in judged.items() if not fired)
    return Harvest(rows, len(judged), survivors, readers)


def tried_on(rule: str, program: Bench, world: Bench) -> Bench:
    """The program, where it has a resource that the rule finds nothing wrong with."""
    return program if program.compliant(rule) else world


def _count(row: Row, mutant: Mutant, fired: frozenset[str]) -> None:
    row.mutants += 1
    row.others += bool(fired) and row.rule not in fired
    if row.rule in fired:
        row.killed += 1
        row.together.update(fired - {row.rule})
        row.first = row.first or mutant


def render(found: Harvest) -> str:
    """The file."""
    survived = found.survivors.total()
    totals = (
        f"{found.mutants} mutants: {found.mutants - survived} killed, {survived} survived, each for a reason below."
    )
    return "\n".join([INTRODUCTION, totals, "", *_rows(found.rows), "", *_reasons(found)])


def _rows(rows: Iterable[Row]) -> list[str]:
    lines = [
        f"| {row.rule}{' (world)' if row.world else ''} | {row.subjects} | {row.mutants} | {row.killed} | {row.others} "
        f"| {row.survived} | {', '.join(sorted(row.together))} |"
        for row in rows
    ]
    return [
        "| rule | resources | mutants | killed | by others only | survived | together with |",
        "|---|---:|---:|---:|---:|---:|---|",
        *lines,
    ]


def _reasons(found: Harvest) -> list[str]:
    titles = {
        Kind.GAP: "Survivors that are worse, and that no rule sees",
        Kind.EQUIVALENT: "Survivors that are as safe as before",
        Kind.IMPOSSIBLE: "Survivors that AWS or the API server refuses",
    }
    reasons = load()
    by_reason: dict[Reason | None, list[str]] = defaultdict(list)
    for change in sorted(found.survivors):
        by_reason[reason_of(change, reasons)].append(change)
    lines: list[str] = []
    for kind, title in titles.items():
        lines += [f"## {title}", "", "| why | mutants | changes | read by |", "|---|---:|---|---|"]
        lines += [_reason(each, by_reason[each], found) for each in reasons if each.kind is kind and by_reason[each]]
        lines.append("")
    if unexplained := by_reason[None]:
        lines += ["## Unexplained", "", *(f"- {change}" for change in unexplained), ""]
    return lines


def _reason(reason: Reason, changes: Sequence[str], found: Harvest) -> str:
    """The three most frequent changes stand for the rest."""
    ordered = sorted(changes, key=lambda change: (-found.survivors[change], change))
    shown = ", ".join(f"`{change.replace('|', '/')}`" for change in ordered[:3])
    more = f" and {len(changes) - 3} more" if len(changes) > 3 else ""
    rules = sorted({rule for change in changes for rule in found.readers[change]})
    total = sum(found.survivors[change] for change in changes)
    return f"| {reason.because} | {total} | {shown}{more} | {', '.join(rules)} |"
