"""The report of load tests: HTML and Markdown with plots, and the raw data that it can be made from again."""

from collections.abc import Sequence
from pathlib import Path

from loadtests.comparison import Raw
from loadtests.report import content, markdown, page
from loadtests.report.limit import Limit, read
from loadtests.report.palette import DARK, recoloured


def write(raws: Sequence[Raw], folder: Path, *, limit: Path | None = None) -> str:
    """Write report.html, report.md with its plots, and report.json (report-2.json …); return the Markdown.

    `limit` is a file of raw data of `loadtests.bench_serving`, whose raw ONNX Runtime is drawn as the machine's limit.
    """
    bound: Limit | None = None if limit is None else read(limit)
    sections = []
    for number, raw in enumerate(raws, start=1):
        for section in content.sections(raw, bound):
            if section.plot and number > 1:
                section.plot.name += f"-{number}"
            sections.append(section)
    folder.mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(raws, start=1):
        (folder / ("report.json" if number == 1 else f"report-{number}.json")).write_text(raw.to_json())
    for section in sections:
        if section.plot:
            (folder / f"{section.plot.name}.svg").write_text(section.plot.svg)
            (folder / f"{section.plot.name}-dark.svg").write_text(recoloured(section.plot.svg, DARK))
    text = markdown.text(sections)
    (folder / "report.md").write_text(text)
    (folder / "report.html").write_text(page.text(sections))
    return text
