import re

import pytest

from services.gateway.deidentify import LanguageRefused
from services.gateway.deidentify.presidio import PresidioEngine

# Each identifier stands in double brackets with its type; without brackets the text must come through unchanged.
FOUND = """[[PERSON:Mary Jones]] was very kind to me.
Pt was seen by Dr. [[PERSON:Smith]] and Nurse [[PERSON:Gonzalez]].
Her wife [[PERSON:Anna]] and [[PERSON:Maria Lopez]], RN, came along.
Patient name: [[PERSON:John Q. Public]]
mr. [[PERSON:brown]] came.
[[PERSON:Smith, Emily K.]] presented to the ED.
Wilson disease was ruled out, said Mr. [[PERSON:Wilson]].
[[PERSON:Mary Jones]] left. Mrs. [[PERSON:Jones]] was happy.
Call [[PHONE_NUMBER:555-123-4567]] or [[PHONE_NUMBER:(415) 555-2671 x12]].
Fax: [[PHONE_NUMBER:415.555.2671]], pager [[PHONE_NUMBER:44 12]]
Ring [[PHONE_NUMBER:+44 20 7946 0958]] or [[PHONE_NUMBER:555-1234]].
Write to [[EMAIL_ADDRESS:jane.doe+x@mail.example.org]].
SSN [[US_SSN:123-45-6789]], SSN: [[US_SSN:987654321]]
Seen on [[DATE:03/14/2023]], again [[DATE:2023-04-01]] and [[DATE:Jan. 5, 2024]].
Admitted on [[DATE:3/12]], discharged in [[DATE:March]].
Since [[DATE:5 Jan 2024]] and on [[DATE:Monday]], [[DATE:April]] was fine; 2024 may stay.
MRN: [[MEDICAL_RECORD_NUMBER:00482913]], chart # [[MEDICAL_RECORD_NUMBER:A-1234]]
The [[AGE:92]]-year-old and the [[AGE:ninety-three]]-year-old are well, aged [[AGE:101]].
A [[AGE:94]]F with pain.
See [[URL:https://portal.example.com/u/77]] or [[URL:www.example.org/a]].
From [[IP_ADDRESS:10.1.2.3]] and [[IP_ADDRESS:2001:db8:0:0:0:0:2:1]].
He lives at [[LOCATION:12 Oak Street, Apt 4]], [[LOCATION:Springfield]], IL [[ZIP_CODE:62704]].
She was at [[LOCATION:Mercy General Hospital]] in [[LOCATION:Boston]].
Account number: [[ID:99887766]], policy # [[ID:ABX-12345]], NPI [[ID:1234567893]]
Medicare [[ID:1EG4-TE5-MK73]] is active."""

KEPT = """Parkinson's disease is stable.
Foley catheter placed; Crohn's, Hodgkin lymphoma, Glasgow coma scale 15.
BP 120/80, give 5-10 mg metformin.
Strength 3/5, murmur 2/6, 1/2 tablet daily, 24/7 care, G2P1.
T 98.6 HR 72 RR 16 O2 sat 98% on RA, every 4-6 hours prn
Hemoglobin 13.5, WBC 7.2, platelets 250000, Na 140
A 45-year-old man, aged 89, BMI 94.
She may leave, and the march was long, in 2024.
The pain is 8/10 since 2 weeks ago.
my doctor is great.
Texas is fine.
Good."""


MARK = re.compile(r"\[\[([A-Z_]+):(.*?)\]\]")


@pytest.mark.parametrize("marked", FOUND.split("\n"))
def test_identifiers_are_found(engine: PresidioEngine, marked: str) -> None:
    """Each identifier is taken out by its type, exactly, and the spans count in the input's characters."""
    text = MARK.sub(r"\2", marked)
    found = engine.deidentify(text)
    assert [(span.type, text[span.start : span.end]) for span in found.spans] == MARK.findall(marked)
    assert found.text == MARK.sub(r"<\1>", marked)


@pytest.mark.parametrize("text", KEPT.split("\n"))
def test_what_is_no_identifier_is_kept(engine: PresidioEngine, text: str) -> None:
    """Eponyms, values, doses, ages up to 89, years and states come through."""
    assert engine.deidentify(text).text == text


def test_capitals_hide_no_names(engine: PresidioEngine) -> None:
    """Names are found in a text that is all in capitals."""
    assert engine.deidentify("JENNIFER SMITH WAS RUDE TO MR. JOHNSON.").text == "<PERSON> WAS RUDE TO MR. <PERSON>."


def test_another_language_is_refused(engine: PresidioEngine) -> None:
    """The engine doesn't try what it can't do."""
    with pytest.raises(LanguageRefused):
        engine.deidentify("Der Patient Hans Schmidt ist nicht zufrieden.")


def test_no_name_stays_in_memory(engine: PresidioEngine) -> None:
    """The vocabulary forgets the words of a text, so that names don't pile up in the process."""
    engine.deidentify("Zbigniewski Quarkfeather was kind.")
    assert "Quarkfeather" not in engine._pipeline.vocab.strings
