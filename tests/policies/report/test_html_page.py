"""The page: nothing from elsewhere, nothing injected, every row, readable by all."""

import base64
import hashlib
import itertools
import re
from html.parser import HTMLParser

import pytest

from policies.controls import load_controls
from policies.outcomes import Outcome
from policies.profiles import load_profile
from policies.record import Mode
from policies.report.formats import html_page
from policies.report.model import Report
from policies.report.states import GREEN, State
from policies.rules import RULES as PACK
from tests.policies.report.samples import (
    ALL_SIGNED,
    PART,
    PEOPLE,
    WHOLE,
    everything,
    report,
    result,
    varied,
)

CLEAN = report(everything(Outcome.COMPLIANT), ALL_SIGNED)
VOID = {"meta", "input", "br", "rect", "link", "img"}


class Page(HTMLParser):
    """Reads a page: its elements, and whether they are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        assert self._open == [], "closed in order"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.texts.setdefault(tag, []).append(data)

    def all(self, *tags: str) -> list[dict[str, str]]:
        """The attributes of every element of these kinds."""
        return [attributes for tag, attributes in self.elements if tag in tags]


def page(found: Report) -> Page:
    """The page of a report."""
    return Page(html_page.write(found))


def badge(text: str, row: str) -> str:
    """The state that the matrix shows for a row."""
    part = text.partition(f'id="row-{row}"')[2].partition("</tr>")[0]
    return re.sub(r"<.*?>", "", part.partition('class="state ')[2].partition("</span>")[0].partition(">")[2])


def _hash(content: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() + "'"


@pytest.mark.parametrize("found", [CLEAN, varied()], ids=["clean", "varied"])
def test_only_the_pages_own_style_and_script_may_run(found: Report) -> None:
    """The policy names both by their hashes, and the page has nothing that it would refuse."""
    read = page(found)
    policy = next(item["content"] for item in read.all("meta") if item.get("http-equiv") == "Content-Security-Policy")
    assert policy == (
        f"default-src 'none'; style-src {_hash(''.join(read.texts['style']))}; "
        f"script-src {_hash(''.join(read.texts['script']))}; base-uri 'none'; form-action 'none'"
    )
    refused = {"src", "style", "srcset", "action"}
    for tag, attributes in read.elements:
        assert not refused & set(attributes), (tag, attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert not read.all("link", "img", "iframe", "object")
    assert "url(" not in "".join(read.texts["style"])


def test_what_people_wrote_is_not_markup() -> None:
    """Messages, waivers, declarations and attestations are escaped."""
    strange = result("closed", Outcome.VIOLATION, "<script>alert(1)</script>", message="<img src=x onerror=1>")
    text = html_page.write(report([*varied().run.results, strange], ALL_SIGNED, waivers=varied().run.waivers))
    for piece in ("<script>alert", "<img", "<b>", "<i>"):
        assert piece not in text
    assert "Bastion &lt;b&gt;" in text


def test_every_row_of_the_security_rule_is_there() -> None:
    """Rows that code cannot decide are said, with the reason and the document that is needed."""
    text = html_page.write(report([], rules=PACK, profile=load_profile()))
    for control in load_controls():
        assert f'id="row-{control.id}"' in text
        assert control.reason.replace("'", "&#39;").replace('"', "&#34;") in text


def test_each_half_of_a_row_is_said() -> None:
    """Compliant infrastructure without the signature is not green."""
    text = html_page.write(report(everything(Outcome.COMPLIANT)))
    assert badge(text, PART) == "Infrastructure compliant; not attested"
    assert badge(text, WHOLE) == "Infrastructure compliant"
    assert badge(html_page.write(varied()), PEOPLE) == "Up to the organisation; attested"


def test_only_green_states_are_marked_green() -> None:
    """The filter and the colours take them from the model."""
    for attributes in page(varied()).all("tr", "article"):
        if "data-state" in attributes:
            assert (attributes["data-green"] == "yes") == (State(attributes["data-state"]) in GREEN)


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (CLEAN, "good"),
        (report(everything(Outcome.COMPLIANT)), "open"),
        (report(everything(Outcome.UNKNOWN), mode=Mode.PREVIEW), "open"),
        (varied(), "bad"),
    ],
    ids=["clean", "not signed", "unknown", "varied"],
)
def test_the_verdict_is_green_only_where_every_row_is(found: Report, shown: str) -> None:
    """A preview that could not see everything, or a report that nobody signed, does not look like a clean one."""
    assert f'class="verdict {shown}"' in html_page.write(found)


def test_what_a_reader_must_know_first_is_at_the_top() -> None:
    """A preview, an emulator and rules that are not enforced are said before the summary."""
    loose = varied(mode=Mode.PREVIEW, enforcement={"closed": "advisory"})
    top = html_page.write(loose).partition("<main>")[0]
    assert "This is a preview." in top
    assert "Not all rules are enforced." in top
    assert "closed</a> (advisory)" in top
    assert "AWS was emulated." in html_page.write(report([], emulated_aws=True)).partition("<main>")[0]
    for said in ("This is a preview.", "Not all rules", "AWS was emulated."):
        assert said not in html_page.write(CLEAN)


def test_evidence_has_resource_value_and_line() -> None:
    """For what is compliant, too."""
    text = html_page.write(CLEAN)
    for piece in ("private-a", "mapPublicIpOnLaunch", "false", "infra/network.py:42"):
        assert f"<code>{piece}</code>" in text


@pytest.mark.parametrize("found", [CLEAN, varied()], ids=["clean", "varied"])
def test_the_page_can_be_read_without_eyes_and_mouse(found: Report) -> None:
    """Headings in order, captions and scopes for tables, names for regions, links that lead somewhere."""
    read = page(found)
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    assert len(read.all("caption")) == len(read.all("table"))
    assert all("scope" in item for item in read.all("th"))
    assert all(
        "aria-label" in item and item.get("tabindex") == "0" for item in read.all("div") if item.get("role") == "region"
    )
    names = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(names) == len(set(names))
    targets = {item["href"][1:] for item in read.all("a") if item["href"].startswith("#")}
    assert targets <= set(names)
    assert {item["for"] for item in read.all("label")} <= set(names)
    assert read.all("a")[0]["href"] == "#summary"


def test_without_its_script_the_page_has_everything() -> None:
    """The filter alone is hidden until the script shows it."""
    assert [tag for tag, attributes in page(varied()).elements if "hidden" in attributes] == ["form"]


def _brightness(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    full = colour[1:] if len(colour) == 7 else "".join(2 * sign for sign in colour[1:])
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _palettes() -> list[dict[str, str]]:
    """The colours in light, dark and print."""
    style = (html_page.TEMPLATES / "style.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return [dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in blocks]


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark", "print"])
def test_text_is_legible_on_its_ground(palette: dict[str, str]) -> None:
    """Contrast of at least 4.5 to 1, WCAG AA."""
    inks = [name.removesuffix("-bg") for name in palette if name.endswith("-bg")]
    pairs = [(ink, f"{ink}-bg") for ink in inks] + [
        (ink, ground) for ink in ("text", "muted", "link") for ground in ("ground", "panel")
    ]
    for ink, ground in [*pairs, ("text", "amber-bg"), ("link", "amber-bg")]:
        bright, dark = sorted((_brightness(palette[ink]), _brightness(palette[ground])), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


def test_no_state_is_told_by_colour_alone() -> None:
    """Each has a class with a colour, and words beside it."""
    style = (html_page.TEMPLATES / "style.css").read_text()
    for state in State:
        assert re.search(rf"\.{state.name.lower()}\b[^{{]*\{{[^}}]*--ink", style), state
    assert all(text.strip() for text in re.findall(r'class="state [a-z_]+">(.*?)</span>', html_page.write(varied())))
