"""What notes are full of and is no identifier: drugs, doses, results, scores, codes, times."""

from collections.abc import Callable, Sequence
from random import Random

from model_build.deid import lexicons
from model_build.deid.examples import Part
from model_build.deid.values import chains
from model_build.deid.values.dates import spoken_number

_LABS: Sequence[tuple[str, float, float, int]] = (
    *(("WBC", 3, 20, 1), ("Hgb", 6, 17, 1), ("Hct", 20, 50, 1), ("Plt", 40, 450, 0), ("Na", 125, 148, 0)),
    *(("K", 2.8, 6, 1), ("Cl", 90, 112, 0), ("CO2", 16, 32, 0), ("BUN", 5, 80, 0), ("Cr", 0.5, 6, 1)),
    *(("Glucose", 50, 450, 0), ("Ca", 7, 11, 1), ("Mg", 1.2, 2.6, 1), ("Phos", 2, 6, 1), ("AST", 10, 400, 0)),
    *(("ALT", 10, 400, 0), ("Alk Phos", 40, 300, 0), ("T bili", 0.2, 8, 1), ("INR", 0.9, 4, 1), ("PTT", 22, 90, 0)),
    *(("Troponin", 0, 2, 2), ("BNP", 20, 2500, 0), ("A1c", 4.8, 14, 1), ("TSH", 0.1, 12, 2), ("LDL", 40, 220, 0)),
    *(("HDL", 20, 90, 0), ("Lactate", 0.5, 6, 1), ("CRP", 0, 25, 1), ("ESR", 2, 110, 0), ("PSA", 0.1, 20, 1)),
    *(("Ferritin", 5, 900, 0), ("pH", 7.1, 7.5, 2), ("Vitamin D", 8, 60, 0), ("CEA", 0.5, 80, 1), ("eGFR", 8, 110, 0)),
)
_UNITS = ("mg", "mcg", "mL", "units", "g", "mEq", "mg/kg", "IU", "tabs", "puffs", "%", "gtt")
_FREQUENCIES = (
    *("daily", "BID", "TID", "QID", "q6h", "q8h PRN", "qHS", "at bedtime", "once", "weekly", "q4-6h", "PO daily"),
    *("IV q12h", "twice a day", "with meals", "x 7 days", "x10d", "PRN pain", "nightly", "every 4-6 hours", "q.d."),
)
_MEASURES = (
    *("G{a}P{b}", "{a}/{c}", "{a} x {b} cm", "{b}.{a} cm", "{a}-{c} mg", "{c}/10", "1:{d}", "#{a}", "{a}+ edema"),
    *(
        "grade {a}/6",
        "{a}/5 strength",
        "L{a}-L{b}",
        "C{a}-{b}",
        "T{c}",
        "stage {a}",
        "ASA {b}",
        "GCS {e}",
        "{a}:{b} ratio",
    ),
    *("20/{f}", "{f}%", "x{a}", "{a} pack-years", "{f} pack-year", "{a}th percentile", "NYHA class {b}", "POD #{a}"),
    *("HD {a}", "{a} of {c}", "type {b}", "D{f}", "T{b}N{a}M0", "EF {f}-{g}%", "FiO2 {f}%", "{a} French", "{e} gauge"),
    *("{f}/{g} mmHg", "{a}.{b}-{c}.{d}", "room {h}", "bed {a}", "step {a}", "PHQ-9 {e}", "GAD-7 score {c}", "{h} kcal"),
)

_SYLLABLES = (
    *("ta", "ke", "zo", "vi", "ry", "sa", "mo", "lu", "xe", "bri", "tre", "qui", "ne", "fa", "do", "ce", "al", "or"),
    *("im", "en", "ul", "cos", "per", "tol", "vas", "lin", "ver", "pra", "ox", "neu", "car", "pro", "my", "ben", "dia"),
)
_BRAND_ENDS = (
    *("mab", "nib", "pril", "sartan", "statin", "zole", "cillin", "mycin", "vir", "gliptin", "tide", "parib", "lol"),
    *(
        "pine",
        "pam",
        "xa",
        "qua",
        "vy",
        "zia",
        "ri",
        "lto",
        "nta",
        "rex",
        "cort",
        "dex",
        "mune",
        "sta",
        "via",
        "ta",
        "vo",
    ),
    *("sis", "max", "gen", "dol", "tin", "pro", "on", "ix", "ara", "yri", "impta", "abri", "ista", "ciclib", "ximab"),
)


class Clinical:
    """Clinical values; none of them is an identifier."""

    def __init__(self, rng: Random, part: Part) -> None:
        self._rng = rng
        self._surnames = lexicons.last_names(part)
        self._brands = chains.brands()

    def drug(self) -> str:
        """A drug by generic or brand name."""
        return self._rng.choice(lexicons.words("drugs"))

    def brand(self) -> str:
        """A word that could be a drug's name and is none."""
        rng = self._rng
        word = "".join(rng.choice(_SYLLABLES) for _ in range(rng.choice((1, 1, 2)))) + rng.choice(_BRAND_ENDS)
        return word.capitalize() if rng.random() < 0.75 else word

    def eponym(self) -> str:
        """Somebody's name before a sign, test or operation: "Lopez sign", "Lhermitte's", "the Ng criteria"."""
        rng = self._rng
        name = rng.choice(self._surnames)
        if rng.random() < 0.2:
            name += f"-{rng.choice(self._surnames)}"
        possessive = "'s" if rng.random() < 0.3 else ""
        return f"{name}{possessive} {rng.choice(lexicons.words('eponym_heads'))}"

    def sign_name(self) -> str:
        """The name of a sign, score or instrument alone: "Aldrete", "Judkins"."""
        return self._rng.choice(lexicons.words("eponym_names"))

    def thing(self) -> str:
        """A capitalised word that names no one: a brand, a device, a firm, a trial, a finding, one that nobody knows."""
        rng, draw = self._rng, self._rng.random()
        if draw < 0.2:
            return self._brands(rng)
        if draw < 0.3:
            return self.acronym()
        lists = ("drug_brands", "devices", "organisations", "short_words", "eponym_names", "firms", "short_words")
        return rng.choice(lexicons.words(rng.choice(lists)))

    def acronym(self) -> str:
        """Letters that stand for something that nobody knows: "VFSS", "KBX"."""
        letters = self._rng.choices("AABCCDDEEFGHIILLMNOPPRRSSTTUVWX", k=self._rng.choice((2, 3, 3, 4, 4, 5)))
        return "".join(letters)

    def icd(self) -> str:
        """A title of ICD-10-CM in running text."""
        text = self._rng.choice(lexicons.titles())
        return text if self._rng.random() < 0.3 else text[0].lower() + text[1:]

    def title_line(self) -> str:
        """A heading or a title with capitals: "Range of Motion", "CHRONIC GOUT OF THE LEFT KNEE"."""
        rng, draw = self._rng, self._rng.random()
        lists = ("title_lines", "title_lines", "procedures", "diagnoses", "symptoms")
        text = rng.choice(lexicons.titles()) if draw < 0.4 else rng.choice(lexicons.words(rng.choice(lists)))
        return text.upper() if rng.random() < 0.4 else text.title()

    def dose(self) -> str:
        """ "metoprolol 25 mg BID"."""
        rng = self._rng
        amount = rng.choice(
            (
                "2.5",
                "5",
                "10",
                "12.5",
                "20",
                "25",
                "40",
                "50",
                "81",
                "100",
                "250",
                "325",
                "500",
                "1,000",
                "1000",
                "5-10",
            )
        )
        return f"{self.drug()} {amount}{rng.choice((' ', ' ', ''))}{rng.choice(_UNITS)} {rng.choice(_FREQUENCIES)}"

    def lab(self) -> str:
        """ "Na 138"."""
        rng = self._rng
        name, low, high, places = rng.choice(_LABS)
        value = f"{rng.uniform(low, high):.{places}f}"
        return (
            f"{name}{rng.choice((' ', ' ', ': ', ' = ', ' of '))}{value}{rng.choice(('', '', '', ' (H)', ' L', '*'))}"
        )

    def lab_name(self) -> str:
        """The name of a test alone."""
        return self._rng.choice(_LABS)[0]

    def vital(self) -> str:
        """ "BP 120/80"."""
        rng = self._rng
        return rng.choice(
            (
                f"BP {self.pressure()}",
                f"BP: {self.pressure()}",
                f"HR {rng.randint(48, 130)}",
                f"P {rng.randint(48, 130)}",
                f"RR {rng.randint(10, 30)}",
                f"T {rng.uniform(96, 103):.1f}",
                f"Temp {rng.uniform(96, 103):.1f} F",
                f"SpO2 {rng.randint(84, 100)}% on RA",
                f"O2 sat {rng.randint(84, 100)}%",
                f"Wt {rng.randint(95, 320)} lbs",
                f"weight {rng.uniform(40, 150):.1f} kg",
                f"Ht 5'{rng.randint(0, 11)}\"",
                f"BMI {rng.uniform(17, 48):.1f}",
                f"pain {rng.randint(0, 10)}/10",
            )
        )

    def pressure(self) -> str:
        """ "120/80"."""
        return f"{self._rng.randint(85, 210)}/{self._rng.randint(45, 115)}"

    def measure(self) -> str:
        """ "G2P1", "5-10 mg", "2/6", "L4-L5": figures that could be taken for dates or ids."""
        rng = self._rng
        return rng.choice(_MEASURES).format(
            a=rng.randint(1, 6), b=rng.randint(1, 4), c=rng.randint(6, 12), d=rng.choice((10, 20, 40, 80)),
            e=rng.randint(3, 21), f=rng.choice((20, 25, 30, 40, 45, 55, 60)), g=rng.choice((65, 70, 80)),
            h=rng.randint(100, 2400),
        )  # fmt: skip

    def age(self) -> str:
        """An age under 90, which may stay."""
        return str(self._rng.randint(1, 89))

    def age_words(self) -> str:
        """An age under 90 in words."""
        return spoken_number(self._rng.randint(2, 89)).replace(" ", self._rng.choice((" ", "-")))

    def words(self) -> str:
        """Abbreviations, tests, drugs and figures one after the other, as in a hurried exam or a flow sheet."""
        rng = self._rng
        makers: tuple[Callable[[], str], ...] = (
            *[lambda: rng.choice(lexicons.words("abbreviations"))] * 6,
            *(self.drug, self.measure, self.lab, self.vital, self.lab_name),
            lambda: rng.choice(lexicons.words("signs")),
            lambda: rng.choice(lexicons.words("symptoms")),
            lambda: rng.choice(lexicons.words("firms")),
            *[lambda: rng.choice(lexicons.words("short_words"))] * 3,
            lambda: rng.choice(lexicons.words("eponym_names")),
            self.acronym,
            lambda: str(rng.randint(1, 300)),
            lambda: f"{rng.randint(1, 300)}/{rng.randint(1, 200)}",
            lambda: f"{rng.randint(1, 9)}-{rng.randint(10, 120)}",
        )
        return "".join(
            rng.choice(makers)() + rng.choice((" ", " ", " ", ", ", ". ", "; ", "/")) for _ in range(rng.randint(3, 12))
        ).rstrip(" ,;/")

    def year(self) -> str:
        """A bare year, which may stay."""
        return str(self._rng.randint(1945, 2026))

    def time(self) -> str:
        """A time of day."""
        rng, hour, minute = self._rng, self._rng.randint(0, 23), self._rng.randint(0, 59)
        return rng.choice(
            (
                f"{hour:02}:{minute:02}",
                f"{hour:02}{minute:02}",
                f"{hour % 12 + 1}:{minute:02} {rng.choice(('AM', 'pm', 'a.m.'))}",
                f"{hour % 12 + 1} {rng.choice(('am', 'PM'))}",
                f"{hour:02}{minute:02} hrs",
            )
        )

    def duration(self) -> str:
        """ "3 days", "two weeks"."""
        rng = self._rng
        number = rng.choice(
            (str(rng.randint(2, 30)), "two", "three", "four", "six", "several", "a few", "2-3", "90", "95")
        )
        return f"{number} {rng.choice(('days', 'weeks', 'months', 'years', 'hours', 'wks', 'mos', 'yrs', 'minutes'))}"

    def ago(self) -> str:
        """A time that is told from now: no date."""
        rng = self._rng
        return rng.choice(
            (
                f"{self.duration()} ago",
                "yesterday",
                "today",
                "last night",
                "this morning",
                "last week",
                "last year",
                "last spring",
                "in the winter",
                f"{self.duration()} prior",
                "tomorrow",
                "next week",
                "over the weekend",
                "the other day",
                "tonight",
                "overnight",
            )
        )

    def code(self) -> str:
        """A billing or diagnosis code."""
        rng = self._rng
        return rng.choice(
            (
                f"({rng.choice(lexicons.icd_codes())})",
                rng.choice(lexicons.icd_codes()),
                f"CPT {rng.randint(10000, 99499)}",
                f"DRG {rng.randint(1, 999)}",
                f"HCPCS J{rng.randint(1000, 9999)}",
                f"LOINC {rng.randint(1000, 9999)}-{rng.randint(0, 9)}",
                f"NDC {rng.randint(10000, 99999)}-{rng.randint(100, 9999)}-{rng.randint(10, 99)}",
                f"CPT code {rng.randint(10000, 99499)}",
            )
        )
