"""The Security Rule as data: the rows of its text, no more and no fewer, and what people show of each."""

from collections import Counter

from policies.controls import Decided, load_controls

# 45 CFR 164 Subpart C, Appendix A: each standard with the paragraphs of its specifications, (R)equired or (A)ddressable.
APPENDIX_A: dict[str, dict[str, str]] = {
    "308(a)(1)(i)": {
        "308(a)(1)(ii)(A)": "R",
        "308(a)(1)(ii)(B)": "R",
        "308(a)(1)(ii)(C)": "R",
        "308(a)(1)(ii)(D)": "R",
    },
    "308(a)(2)": {},
    "308(a)(3)(i)": {"308(a)(3)(ii)(A)": "A", "308(a)(3)(ii)(B)": "A", "308(a)(3)(ii)(C)": "A"},
    "308(a)(4)(i)": {"308(a)(4)(ii)(A)": "R", "308(a)(4)(ii)(B)": "A", "308(a)(4)(ii)(C)": "A"},
    "308(a)(5)(i)": {
        "308(a)(5)(ii)(A)": "A",
        "308(a)(5)(ii)(B)": "A",
        "308(a)(5)(ii)(C)": "A",
        "308(a)(5)(ii)(D)": "A",
    },
    "308(a)(6)(i)": {"308(a)(6)(ii)": "R"},
    "308(a)(7)(i)": {
        "308(a)(7)(ii)(A)": "R",
        "308(a)(7)(ii)(B)": "R",
        "308(a)(7)(ii)(C)": "R",
        "308(a)(7)(ii)(D)": "A",
        "308(a)(7)(ii)(E)": "A",
    },
    "308(a)(8)": {},
    "308(b)(1)": {"308(b)(3)": "R"},
    "310(a)(1)": {"310(a)(2)(i)": "A", "310(a)(2)(ii)": "A", "310(a)(2)(iii)": "A", "310(a)(2)(iv)": "A"},
    "310(b)": {},
    "310(c)": {},
    "310(d)(1)": {"310(d)(2)(i)": "R", "310(d)(2)(ii)": "R", "310(d)(2)(iii)": "A", "310(d)(2)(iv)": "A"},
    "312(a)(1)": {"312(a)(2)(i)": "R", "312(a)(2)(ii)": "R", "312(a)(2)(iii)": "A", "312(a)(2)(iv)": "A"},
    "312(b)": {},
    "312(c)(1)": {"312(c)(2)": "A"},
    "312(d)": {},
    "312(e)(1)": {"312(e)(2)(i)": "A", "312(e)(2)(ii)": "A"},
}
# 164.314 and 164.316, which Appendix A leaves out; every specification of theirs is required.
ORGANISATION_AND_DOCUMENTATION: dict[str, tuple[str, ...]] = {
    "314(a)(1)": ("314(a)(2)(i)", "314(a)(2)(ii)", "314(a)(2)(iii)"),
    "314(b)(1)": ("314(b)(2)(i)", "314(b)(2)(ii)", "314(b)(2)(iii)", "314(b)(2)(iv)"),
    "316(a)": (),
    "316(b)(1)": ("316(b)(2)(i)", "316(b)(2)(ii)", "316(b)(2)(iii)"),
}
ROLES = {"security official", "privacy official", "system owner", "human resources", "facilities", "legal"}


def test_the_rows_are_exactly_those_of_the_rule_in_its_order() -> None:
    """Standards are required, specifications what their word in brackets says; nothing is added or silently absent."""
    meaning = {"R": "required", "A": "addressable"}
    expected = []
    for standard, specifications in APPENDIX_A.items():
        expected.append((standard, "standard", "required"))
        expected += [(each, "specification", meaning[letter]) for each, letter in specifications.items()]
    for standard, paragraphs in ORGANISATION_AND_DOCUMENTATION.items():
        expected.append((standard, "standard", "required"))
        expected += [(each, "specification", "required") for each in paragraphs]
    found = [(row.id.removeprefix("164."), row.kind, row.obligation) for row in load_controls()]
    assert found == expected


def test_the_expected_rows_count_as_appendix_a_does() -> None:
    """18 standards, 6 of which stand alone, with 14 required and 22 addressable specifications."""
    counted = Counter(letter for specifications in APPENDIX_A.values() for letter in specifications.values())
    assert counted == {"R": 14, "A": 22}
    assert len(APPENDIX_A) == 18
    assert sum(not specifications for specifications in APPENDIX_A.values()) == 6


def test_people_attest_every_row_that_code_does_not_decide_wholly() -> None:
    """A row without a rule and without a signature would be nobody's."""
    for row in load_controls():
        assert (row.attestation is None) == (row.decided is Decided.IAC), row.id


def test_every_attestation_names_a_role_a_document_and_a_time() -> None:
    """A signature is worth something for a year at most."""
    for row in load_controls("nprm-2025"):
        if row.attestation is not None:
            assert row.attestation.who in ROLES, row.id
            assert row.attestation.document[0].isupper(), row.id
            assert not row.attestation.document.endswith("."), row.id
            assert 1 <= row.attestation.months <= 12, row.id


def test_what_is_inherited_rests_on_the_providers_report_and_the_agreement() -> None:
    """The provider's word alone is no evidence."""
    inherited = [row for row in load_controls() if row.decided is Decided.INHERITED]
    assert inherited
    for row in inherited:
        assert row.attestation is not None
        assert "SOC 2" in row.attestation.document, row.id
        assert "business associate agreement" in row.attestation.document, row.id


def test_documentation_is_kept_for_six_years() -> None:
    """The time limit of 164.316(b)(2)(i) is in what its attestation asks for."""
    (row,) = (row for row in load_controls() if row.id == "164.316(b)(2)(i)")
    assert row.attestation is not None
    assert "six years" in row.attestation.document


def test_the_rules_own_rows_leave_the_evidence_to_the_rules() -> None:
    """One place says which rules evidence a row, so that two cannot disagree."""
    assert not any(row.evidence or row.paragraph for row in load_controls())
