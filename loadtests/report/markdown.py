"""The report as Markdown; plots are files beside it."""

from collections.abc import Iterator, Sequence

from loadtests.report.content import Section, Table
from loadtests.report.plots import Plot


def text(sections: Sequence[Section]) -> str:
    """Of all sections."""
    return "\n\n".join(block for section in sections for block in _blocks(section)) + "\n"


def _blocks(section: Section) -> Iterator[str]:
    yield f"{'#' * section.level} {section.title}"
    yield from section.sentences
    if section.details:
        yield "\n".join(f"- {item}" for item in section.details)
    if section.table:
        yield _table(section.table)
    if section.plot:
        yield _picture(section.plot)


def _picture(plot: Plot) -> str:
    """In the reader's colours, light or dark."""
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{plot.name}-dark.svg">'
    return f'<picture>{dark}<img alt="{plot.alt}" src="{plot.name}.svg"></picture>'


def _table(table: Table) -> str:
    rules = ["---" if column < table.words else "--:" for column in range(len(table.head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (table.head, rules, *table.rows))
