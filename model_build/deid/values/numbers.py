"""Numbers that identify: with their check digits where there are any, and some without."""

from collections.abc import Callable, Sequence
from random import Random

from model_build.deid.values.people import People

_DOMAINS = (
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "aol.com",
    "outlook.com",
    "icloud.com",
    "comcast.net",
    "example.org",
)
_ENDS = ("com", "org", "net", "edu", "gov", "us", "health", "io", "info", "clinic", "care")
_SITE_WORDS = ("care", "health", "med", "clinic", "portal", "hospital", "rehab", "wellness", "family", "county", "city")
_MBI = "ACDEFGHJKMNPQRTUVWXY"
_VIN = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_VIN_VALUES = {c: int(v) for c, v in zip(_VIN, "12345678123457923456789" + "0123456789", strict=True)}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)

# Forms of numbers: # a digit, ? a capital letter, * either.
_MRN = (
    "#######",
    "########",
    "######",
    "#########",
    "##-##-##",
    "###-##-##",
    "??######",
    "?#######",
    "MR-######",
    "##########",
    "###-###-###",
    "#-###-###",
    "M########",
    "0000#####",
    "E########",
    "#####",
    "??-#######",
)
_PLAN = (
    "???#########",
    "#########",
    "W#########",
    "???###?#####",
    "##########-##",
    "H####-###",
    "??########",
    "#####-#####",
)
_ACCOUNT = (
    "##########",
    "########",
    "A########",
    "####-####-####",
    "###-######",
    "ACCT######",
    "V#########",
    "#######-##",
)
_LICENCE = (
    "?#######",
    "########",
    "?###-####-####",
    "??######",
    "MD######",
    "RN-######",
    "?#############",
    "#########",
    "##-####-##",
    "?-###-###-###-###",
    "G#######",
    "LIC-#####",
    "PA-C ####",
    "CERT-####-####",
)
_PLATE = ("???-####", "??? ####", "#???###", "###-???", "???###", "## ????", "?##-???", "??#####", "#?? ?##", "???####")
_SERIAL = (
    "SN######",
    "???######?",
    "##########",
    "?##?#####",
    "SN-####-####",
    "LOT####?",
    "########-###",
    "??-####-##",
    "?????-######",
    "#?##?####",
    "PM-######",
)
_BIOMETRIC = (
    "FP-########",
    "VP-####-####",
    "IRIS-######",
    "BIO#######",
    "????-####-????",
    "FACE_#######",
    "RET-#####",
    "FPT-***-****",
    "voiceprint-#####",
    "#?#?#?#?#?",
    "fp_######",
)
_OTHER = (
    "S##-#####",
    "ACC#########",
    "##-###-#####",
    "CASE-####-###",
    "E#########",
    "ENC-#######",
    "#########",
    "SUBJ-####",
    "STUDY-##-###",
    "ORD########",
    "RX#######",
    "######",
    "A##-####",
    "####-######",
    "???-##-####",
    "BX##-####",
    "CSN #########",
    "T-####",
    "W##-######-?",
)


class Numbers:
    """Identifying numbers, addresses on networks, and codes."""

    def __init__(self, rng: Random, people: People) -> None:
        self._rng = rng
        self._people = people

    def digits(self, pattern: str) -> str:
        """`pattern` with each # a digit, each ? a capital letter, each * either."""
        rng = self._rng
        choices: dict[str, Callable[[], str]] = {
            "#": lambda: rng.choice("0123456789"),
            "?": lambda: rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ"),
            "*": lambda: rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789"),
        }
        return "".join(choices[c]() if c in choices else c for c in pattern)

    def one_of(self, *patterns: str) -> str:
        """A number after one of the patterns."""
        return self.digits(self._rng.choice(patterns))

    def _one_or_any(self, patterns: Sequence[str]) -> str:
        """A number after one of the patterns, or of a form that nobody wrote down."""
        return self.one_of(*patterns) if self._rng.random() < 0.6 else self.code()

    def code(self) -> str:
        """One to four groups of digits and letters with at least four digits: "PVN 33 9021-7"."""
        rng = self._rng
        mark = rng.choice(("", "", "-", "-", "-", " ", ".", "/", "_"))
        groups = ["#" * rng.randint(1, 7) for _ in range(rng.choice((1, 1, 2, 2, 3, 4)))]
        if rng.random() < 0.55:
            groups.insert(rng.choice((0, 0, 0, len(groups))), "?" * rng.randint(1, 4))
        if rng.random() < 0.25:
            groups[rng.randrange(len(groups))] += rng.choice("?*")
        missing = 4 - sum(group.count("#") for group in groups)
        if missing > 0:
            groups.append("#" * (missing + rng.randint(0, 3)))
        return self.digits(mark.join(groups))

    def phone(self) -> str:
        """A telephone number of the United States, or one from abroad; at times with an extension."""
        rng = self._rng
        area, middle, last = rng.randint(201, 989), rng.randint(200, 999), f"{rng.randint(0, 9999):04}"
        number = rng.choice(
            (
                f"({area}) {middle}-{last}",
                f"({area}){middle}-{last}",
                f"{area}-{middle}-{last}",
                f"{area}-{middle}-{last}",
                f"{area}.{middle}.{last}",
                f"{area} {middle} {last}",
                f"1-{area}-{middle}-{last}",
                f"+1 {area} {middle} {last}",
                f"+1-{area}-{middle}-{last}",
                f"{area}{middle}{last}",
                f"{middle}-{last}",
                f"{area}/{middle}-{last}",
                self.digits("+44 20 #### ####"),
                self.digits("+52 55 #### ####"),
            )
        )
        extension = rng.choice((" x{}", " ext {}", " ext. {}", "x{}", " extension {}"))
        return number + extension.format(rng.randint(10, 99999)) if rng.random() < 0.1 else number

    def pager(self) -> str:
        """A pager or a short internal number."""
        return self.one_of("#####", "####", "###-####", "x#####", "#-####")

    def email(self) -> str:
        """An e-mail address."""
        rng = self._rng
        domain = rng.choice(_DOMAINS) if rng.random() < 0.6 else self.site()
        name = self._people.mail_name()
        return f"{name}@{domain}" if rng.random() < 0.95 else f"{name.upper()}@{domain.upper()}"

    def site(self) -> str:
        """A domain name."""
        rng = self._rng
        name = "".join(c for c in self._people.last().lower() if c.isascii() and c.isalnum()) or "our"
        return f"{name}{rng.choice(('', '-'))}{rng.choice(_SITE_WORDS)}.{rng.choice(_ENDS)}"

    def url(self) -> str:
        """An address on the web."""
        rng = self._rng
        head = rng.choice(("https://", "http://", "www.", "https://www.", "https://portal.", ""))
        tail = rng.choice(("", "", "/", "/patients/", "/p/", "/records?id=", "/~"))
        return head + self.site() + tail + (self.digits(rng.choice(("####", "??###", "a#f#"))) if len(tail) > 1 else "")

    def ssn(self) -> str:
        """A social security number, some of them partly hidden."""
        first, second, third = self.digits("###"), self.digits("##"), self.digits("####")
        return self._rng.choice(
            (
                *[f"{first}-{second}-{third}"] * 5,
                f"{first} {second} {third}",
                f"{first}{second}{third}",
                f"{first}.{second}.{third}",
                f"XXX-XX-{third}",
                f"***-**-{third}",
                f"xxx-xx-{third}",
            )
        )

    def mrn(self) -> str:
        """A medical record number."""
        return self._one_or_any(_MRN)

    def mbi(self) -> str:
        """A Medicare beneficiary identifier."""
        rng = self._rng
        digits = "0123456789"
        kinds = {"C": "123456789", "A": _MBI, "B": _MBI + digits, "N": digits}
        mark = rng.choice(("-", "", "", " "))
        return "".join(rng.choice(kinds[kind]) if kind in kinds else kind for kind in f"CABN{mark}ABN{mark}AANN")

    def plan(self) -> str:
        """A member, subscriber, group or policy number."""
        return self._one_or_any(_PLAN)

    def account(self) -> str:
        """An account number; some are card numbers with their check digit."""
        if self._rng.random() < 0.2:
            number = luhn(self._rng.choice("45") + self.digits("#" * 14))
            return self._rng.choice((number, " ".join(number[i : i + 4] for i in range(0, 16, 4))))
        return self._one_or_any(_ACCOUNT)

    def dea(self) -> str:
        """A DEA registration with its check digit, some without a right one."""
        digits = [self._rng.randint(0, 9) for _ in range(6)]
        check = (sum(digits[0::2]) + 2 * sum(digits[1::2])) % 10
        if self._rng.random() < 0.2:
            check = self._rng.randint(0, 9)
        return self.one_of("A?", "B?", "F?", "M?") + "".join(map(str, digits)) + str(check)

    def npi(self) -> str:
        """A national provider identifier with its check digit, some without a right one."""
        body = self._rng.choice("12") + self.digits("########")
        return luhn("80840" + body)[5:] if self._rng.random() < 0.8 else body + self.digits("#")

    def licence(self) -> str:
        """A driver's, medical or nursing licence or a certificate."""
        return self._one_or_any(_LICENCE)

    def vin(self) -> str:
        """A vehicle identification number with its check character, some without a right one."""
        vin = [self._rng.choice(_VIN) for _ in range(17)]
        remainder = sum(_VIN_VALUES[c] * w for c, w in zip(vin, _VIN_WEIGHTS, strict=True)) % 11
        if self._rng.random() < 0.85:
            vin[8] = "X" if remainder == 10 else str(remainder)
        return "".join(vin)

    def plate(self) -> str:
        """A licence plate."""
        return self._one_or_any(_PLATE)

    def serial(self) -> str:
        """A device's serial, lot or model number."""
        return self._one_or_any(_SERIAL)

    def udi(self) -> str:
        """A unique device identification in GS1's form, with the check digit of its device part."""
        device = gtin(self._rng.choice("01") + self.digits("#" * 12))
        udi = f"(01){device}"
        if self._rng.random() < 0.6:
            udi += f"(17){self._rng.randint(24, 29)}{self._rng.randint(1, 12):02}{self._rng.randint(1, 28):02}"
        if self._rng.random() < 0.5:
            udi += f"(10){self.digits('?####')}"
        return udi + f"(21){self.digits('*******')}"

    def ipv4(self) -> str:
        """An IPv4 address."""
        return ".".join(str(self._rng.randint(1, 254)) for _ in range(4))

    def ipv6(self) -> str:
        """An IPv6 address, some shortened."""
        words = [f"{self._rng.randint(0, 65535):x}" for _ in range(8)]
        return self._rng.choice((":".join(words), f"2001:db8:{words[0]}::{words[1]}", f"fe80::{':'.join(words[:4])}"))

    def mac(self) -> str:
        """A hardware address."""
        text = self._rng.choice((":", "-")).join(f"{self._rng.randint(0, 255):02x}" for _ in range(6))
        return text if self._rng.random() < 0.5 else text.upper()

    def biometric(self) -> str:
        """The id of a stored print, scan or voice."""
        return self._one_or_any(_BIOMETRIC)

    def other(self) -> str:
        """An accession, case, encounter, study or order number."""
        return self._one_or_any(_OTHER)


def luhn(digits: str) -> str:
    """`digits` with the check digit of ISO/IEC 7812 at the end."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)


def gtin(digits: str) -> str:
    """Thirteen digits with the check digit of a GS1 trade item number at the end."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)
