"""The report as one HTML page that needs nothing else, with plots in it that follow its colours, light or dark."""

import re
from collections.abc import Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from loadtests.report.content import Section
from loadtests.report.palette import DARK, LIGHT, recoloured


def text(sections: Sequence[Section]) -> str:
    """Of all sections."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"marked": _marked, "inlined": _inlined}
    return environment.get_template("page.html").render(sections=sections, light=LIGHT, dark=DARK)


def _marked(line: str) -> Markup:
    """`code` and **bold** as HTML; everything else as it is."""
    coded = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(line)))
    return Markup(re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", coded))  # noqa: S704 - escaped above


def _inlined(svg: str) -> Markup:
    """Without what is before the element, and with its colours taken from the page's."""
    drawn = recoloured(svg[svg.index("<svg") :], {name: f"var(--{name})" for name in LIGHT})
    return Markup(drawn)  # noqa: S704 - our own plot
