"""One page that needs nothing from elsewhere: readable on screen, light and dark, on paper, and without its script.

The content security policy lets the page's own style and script run, by their hashes, and nothing else.
"""

import base64
import hashlib
from collections import Counter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from policies.outcomes import Outcome
from policies.report.model import Report
from policies.report.rules import label
from policies.report.states import GREEN, LABELS, MEANINGS, RULE_STATES, State
from policies.report.summary import summarise
from policies.report.words import DECIDED, EMULATED, LIMITS, PREVIEW, PURPOSE, provenance, sections, source

TEMPLATES = Path(__file__).parent.parent / "templates"
WIDTH = 1000
"""Units of the bar that shows the rows by state."""


def write(report: Report) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = environment.from_string((TEMPLATES / "style.css").read_text()).render(
        footer=f"{report.run.pack} {report.run.version}, record {report.run.digest[:16]}"
    )
    infrastructure, signatures = report.infrastructure_states(), report.attestation_states()
    script = (TEMPLATES / "filter.js").read_text()
    page = environment.get_template("report.html.j2").render(
        report=report,
        summary=summarise(report),
        facts=provenance(report),
        sections=sections(report.rows),
        bars=[
            (
                f"What infrastructure shows of the {infrastructure.total()} rows that rules are about",
                _bar(infrastructure),
            ),
            (f"What people have signed for, of the {signatures.total()} rows that need it", _bar(signatures)),
        ],
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(style, script),
        label=label,
        source=source,
        State=State,
        Outcome=Outcome,
        labels=LABELS,
        meanings=MEANINGS,
        rule_states=RULE_STATES,
        green=GREEN,
        decided=DECIDED,
        purpose=PURPOSE,
        emulated=EMULATED,
        preview=PREVIEW,
        limits=LIMITS,
    )
    return page + "\n"


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _bar(counts: Counter[State]) -> list[tuple[State, int, int, int]]:
    """For each state, best first: how many rows, and where its part of the bar begins and how wide it is."""
    parts, before, total = [], 0, counts.total()
    for state in reversed(State):
        if counts[state]:
            begin, end = (round(WIDTH * at / total) for at in (before, before + counts[state]))
            parts.append((state, counts[state], begin, end - begin))
            before += counts[state]
    return parts
