"""Names of people in the forms that notes have."""

from collections.abc import Sequence
from random import Random

from model_build.deid import lexicons
from model_build.deid.examples import Part, Piece
from model_build.deid.values import chains

_NICKNAMES = (
    *("Bob", "Bobby", "Bill", "Billy", "Liz", "Betty", "Peggy", "Maggie", "Jim", "Jimmy", "Jack", "Chuck", "Dick"),
    *("Ted", "Ned", "Hank", "Tony", "Mike", "Micky", "Nick", "Pete", "Dave", "Dan", "Danny", "Steve", "Joe", "Joey"),
    *("Sam", "Sammy", "Kate", "Katie", "Kathy", "Sue", "Susie", "Barb", "Deb", "Debbie", "Jen", "Jenny", "Becky"),
    *("Vicky", "Cindy", "Sandy", "Mandy", "Pam", "Pat", "Patty", "Trish", "Terry", "Gerry", "Larry", "Harry", "Ron"),
    *("Ronnie", "Don", "Donny", "Ken", "Kenny", "Greg", "Doug", "Walt", "Gus", "Hal", "Al", "Ed", "Eddie", "Lou"),
    *("Ray", "Russ", "Stan", "Tim", "Timmy", "Tom", "Tommy", "Vince", "Will", "Zach", "Alex", "Andy", "Ben", "Cal"),
    *("Chris", "Matt", "Abby", "Allie", "Angie", "Bea", "Connie", "Dee", "Dottie", "Ellie", "Gabby", "Gina", "Josie"),
    *("Lexi", "Lulu", "Mimi", "Nan", "Nana Jo", "Junior", "Sonny", "Buddy", "Chip", "Skip", "Tex", "Red", "Ace"),
)
_SUFFIXES = ("Jr.", "Jr", "Sr.", "Sr", "II", "III", "IV", "2nd", "3rd")
_PARTICLES = ("de", "de la", "del", "van", "van der", "von", "di", "da", "al", "bin", "el", "le", "St.", "dos", "ter")


class People:
    """Names of one part: frequent ones, rare ones from many countries, and names that are words."""

    def __init__(self, rng: Random, part: Part) -> None:
        self._rng = rng
        self._invents = part == "tune"
        self._new_first, self._new_last = chains.first_names(part), chains.last_names(part)
        self._first_frequent = lexicons.frequent_first_names(part)
        self._last_frequent = lexicons.frequent_last_names(part)
        self._first = lexicons.first_names(part)
        self._last = lexicons.last_names(part)
        self._words = [word for word in lexicons.words("name_words") if lexicons.part_of(word) == part]
        self._nicknames = [name for name in _NICKNAMES if lexicons.part_of(name) == part]

    def first(self) -> str:
        """A first name or nickname, at times double: "Mary Ann", "Jean-Luc"."""
        rng, draw = self._rng, self._rng.random()
        if draw < 0.04:
            return f"{self._one_first()}{rng.choice(' -')}{self._one_first()}"
        return rng.choice(self._nicknames) if draw < 0.1 else self._one_first()

    def last(self) -> str:
        """A surname, at times double or with a particle: "Garcia-Lopez", "van der Berg", "O'Neill"."""
        rng, draw = self._rng, self._rng.random()
        if draw < 0.05:
            return f"{self._one_last()}-{self._one_last()}"
        if draw < 0.08:
            return f"{self._one_last()} {self._one_last()}"
        if draw < 0.11:
            particle = rng.choice(_PARTICLES)
            return f"{particle if rng.random() < 0.6 else particle.title()} {self._one_last()}"
        if draw < 0.125:
            return f"{rng.choice(('O', 'D', 'L', 'N'))}{rng.choice(chr(39) * 3 + chr(0x2019))}{self._one_last()}"
        return self._one_last()

    def full(self) -> str:
        """First and last name, with or without a middle name, initial, nickname or suffix."""
        rng, first, last = self._rng, self.first(), self.last()
        draw = rng.random()
        if draw < 0.62:
            name = f"{first} {last}"
        elif draw < 0.8:
            name = f"{first} {self.initial()} {last}"
        elif draw < 0.87:
            name = f"{first} {self._one_first()} {last}"
        elif draw < 0.92:
            name = f"{self.initial()} {last}"
        elif draw < 0.95:
            name = f"{self.initial()} {first} {last}"
        elif draw < 0.98:
            quotes = rng.choice(('""', "()", "''"))
            name = f"{first} {quotes[0]}{rng.choice(self._nicknames)}{quotes[1]} {last}"
        else:
            name = f"{self.initial()}{rng.choice(('', ' '))}{self.initial()} {last}"
        if rng.random() < 0.04:
            name += f"{rng.choice((' ', ', '))}{rng.choice(_SUFFIXES)}"
        return name

    def last_first(self) -> str:
        """ "Lopez, Maria A." """
        rng = self._rng
        comma = rng.choice((", ", ", ", ", ", ",", " , "))
        name = f"{self.last()}{comma}{self.first()}"
        draw = rng.random()
        if draw < 0.35:
            return f"{name} {self.initial()}"
        return f"{name} {self._one_first()}" if draw < 0.45 else name

    def initial(self) -> str:
        """A letter, mostly with its full stop."""
        return self._rng.choice("ABCDEFGHIJKLMNOPRSTVWYZ") + ("." if self._rng.random() < 0.75 else "")

    def newborn(self) -> str:
        """ "Baby Girl Lopez"."""
        return (
            f"{self._rng.choice(('Baby Girl', 'Baby Boy', 'BabyGirl', 'Baby', 'BB', 'Girl', 'Infant'))} {self.last()}"
        )

    def short(self) -> str:
        """ "Lopez, T." """
        return f"{self.last()}, {self.initial()}"

    def caret(self) -> str:
        """ "LOPEZ^MARIA^A", as messages between systems have it."""
        name = f"{self._one_last()}^{self._one_first()}"
        name += self._rng.choice(("", "", f"^{self._rng.choice('ABCDEFGHJKLMNPRST')}"))
        return name.upper() if self._rng.random() < 0.7 else name

    def small_initials(self) -> str:
        """ "js": how some sign."""
        return self.initials().replace(".", "").replace(" ", "").lower()

    def initials(self) -> str:
        """Two or three initials: "J.S.", "JDS", "M. L."."""
        letters = [self._rng.choice("ABCDEFGHJKLMNPRSTVW") for _ in range(self._rng.choice((2, 2, 3)))]
        form = self._rng.choice(("{}.", "{}.", "{}"))
        return self._rng.choice(("", "", " ")).join(form.format(letter) for letter in letters)

    def user(self) -> str:
        """A user name made from a name: "jlopez3", "maria.lopez", "LOPEZM"."""
        rng = self._rng
        first, last = (lexicons.plain(name).lower().replace(" ", "").replace("'", "") for name in self._pair())
        number = str(rng.choice((rng.randint(1, 99), rng.randint(1950, 2010))))
        return rng.choice(
            (
                f"{first[0]}{last}",
                f"{first[0]}{last}{number}",
                f"{first}.{last}",
                f"{first}_{last}",
                f"{last}{first[0]}",
                f"{(last + first[0]).upper()}",
                f"{first}{number}",
                f"{first}{last[0]}",
                f"{first}_{last[0]}{number}",
                f"{first[0]}.{last}",
            )
        )

    def mail_name(self) -> str:
        """What stands before the @ of an address."""
        return self.user().lower()

    def couple(self) -> list[Piece]:
        """ "John and Mary Lopez", "Mary Lopez and John Ng": two spans."""
        rng = self._rng
        joint = rng.choice((" and ", " & ", ", ", " or ", "/"))
        names = (self.first(), self.full()) if rng.random() < 0.5 else (self.full(), self.full())
        return [Piece(names[0], "PERSON"), Piece(joint), Piece(names[1], "PERSON")]

    def _pair(self) -> tuple[str, str]:
        return self._one_first(), self._one_last()

    def _one_first(self) -> str:
        """One in six is in no list, to learn from: names are more than any list has."""
        rng, draw = self._rng, self._rng.random()
        if self._invents and rng.random() < 1 / 6:
            return self._new_first(rng)
        if draw < 0.45:
            return self._head(self._first_frequent)
        if draw < 0.52:
            return rng.choice(self._words)
        return self._accents(rng.choice(self._first))

    def _one_last(self) -> str:
        """One in four is in no list, to learn from."""
        rng, draw = self._rng, self._rng.random()
        if self._invents and rng.random() < 1 / 4:
            return self._new_last(rng)
        if draw < 0.4:
            return self._head(self._last_frequent)
        if draw < 0.48:
            return rng.choice(self._words)
        return self._accents(rng.choice(self._last))

    def _head(self, names: Sequence[str]) -> str:
        """One of names in order of frequency, the first ones more often."""
        return names[int(len(names) * self._rng.random() ** 2)]

    def _accents(self, name: str) -> str:
        return name if self._rng.random() < 0.4 else lexicons.plain(name)
