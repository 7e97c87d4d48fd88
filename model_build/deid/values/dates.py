"""Dates in figures and in words, parts of dates, and ages."""

from datetime import date, timedelta
from random import Random

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")
_MISSPELT = {
    "January": ("Janurary", "Januray", "Jaunary"),
    "February": ("Febuary", "Feburary", "Febraury"),
    "March": ("Marhc", "Mach"),
    "April": ("Apirl", "Aprill"),
    "May": ("Mayy",),
    "June": ("Jnue", "Juen"),
    "July": ("Jully", "Jluy"),
    "August": ("Agust", "Augest", "Auguest"),
    "September": ("Septmber", "Setpember", "Septemeber"),
    "October": ("Ocotber", "Octobr", "Ocober"),
    "November": ("Novemeber", "Novmber", "Novembr"),
    "December": ("Decmber", "Decemeber", "Dicember"),
}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT_WEEKDAYS = ("Mon", "Tues", "Tue", "Wed", "Thurs", "Thu", "Fri", "Sat", "Sun", "Mon.", "Fri.")
_HOLIDAYS = (
    *("Christmas", "Christmas Eve", "Christmas Day", "Thanksgiving", "New Year's Eve", "New Year's Day", "New Year's"),
    *("Labor Day", "Memorial Day", "Halloween", "Easter", "Easter Sunday", "Mother's Day", "Father's Day", "Ramadan"),
    *("the Fourth of July", "the 4th of July", "July 4th", "Valentine's Day", "St. Patrick's Day", "MLK Day", "Diwali"),
    *("Veterans Day", "Presidents' Day", "Columbus Day", "Good Friday", "Ash Wednesday", "Passover", "Yom Kippur"),
)
_ODD_DAYS = (
    *("Cinco de Mayo", "Juneteenth", "Mardi Gras", "Palm Sunday", "Holy Thursday", "Boxing Day", "Black Friday"),
    *("Super Bowl Sunday", "Groundhog Day", "Kwanzaa", "Hanukkah", "Rosh Hashanah", "Eid", "Holi", "Lunar New Year"),
    *("Indigenous Peoples' Day", "Election Day", "Flag Day", "Tax Day", "Orthodox Easter", "All Saints' Day", "xmas"),
    *("Xmas Eve", "NYE", "turkey day", "Shrove Tuesday", "Maundy Thursday", "Independence Day", "Lent"),
)
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
    *("twentieth", "twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth"),
    *("twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first"),
)
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen"),
    *("sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


class Dates:
    """Days between 1925 and 2027, mostly recent ones."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def any(self) -> str:
        """A whole date or a part of one, in any of its forms."""
        draw = self._rng.random()
        if draw < 0.55:
            return self.numeric()
        if draw < 0.82:
            return self.written()
        return self.spoken() if draw < 0.86 else self.partial()

    def numeric(self) -> str:
        """ "03/14/2024", "3-14-24", "2024-03-14", "14.03.2024", "3/14"."""
        rng, day = self._rng, self._day()
        short = rng.random() < 0.35
        year = f"{day.year % 100:02}" if short else str(day.year)
        month, number = (f"{day.month:02}", f"{day.day:02}") if rng.random() < 0.6 else (str(day.month), str(day.day))
        mark = rng.choice(("/", "/", "/", "-", ".", "-"))
        draw = rng.random()
        if draw < 0.68:
            return f"{month}{mark}{number}{mark}{year}"
        if draw < 0.8:
            return f"{day.year}{mark}{day.month:02}{mark}{day.day:02}"
        if draw < 0.86:
            return f"{number}{mark}{month}{mark}{day.year}"
        return f"{month}/{number}" if draw < 0.96 else f"{month}/{day.year}"

    def written(self) -> str:
        """ "March 14, 2024", "14 Mar 2024", "the fourteenth of March", "14-MAR-24"."""
        rng, day = self._rng, self._day()
        month = self.month(day.month)
        ordinal = f"{day.day}{_ending(day.day)}"
        year = day.year
        return rng.choice(
            (
                f"{month} {day.day}, {year}",
                f"{month} {day.day}, {year}",
                f"{month} {day.day} {year}",
                f"{month} {day.day}",
                f"{month} {ordinal}",
                f"{month} {ordinal}, {year}",
                f"{ordinal} of {month}",
                f"{ordinal} {month} {year}",
                f"{day.day} {month} {year}",
                f"{day.day} {month}",
                f"{day.day:02}-{_SHORT[day.month - 1][:3]}-{year}",
                f"{day.day:02}{_SHORT[day.month - 1][:3].upper()}{year}",
                f"{month} the {ordinal}",
                f"{month} {_ORDINALS[day.day - 1]}",
                f"{_ORDINALS[day.day - 1]} of {month}",
                f"{_WEEKDAYS[day.weekday()]}, {month} {day.day}, {year}",
                f"{_WEEKDAYS[day.weekday()]} {month} {ordinal}",
                f"{_WEEKDAYS[day.weekday()]} {day.month}/{day.day}",
                f"{month} {day.day}-{min(day.day + rng.randint(1, 3), 31)}",
                f"{month}. {day.day}" if len(month) < 5 else f"{month} {day.day}",
            )
        )

    def partial(self) -> str:
        """A month, month and year, weekday or holiday."""
        rng, draw = self._rng, self._rng.random()
        month = self.month(rng.randint(1, 12))
        if draw < 0.4:
            return f"{month}{rng.choice((' ', ' ', ' of ', ', '))}{rng.randint(1960, 2027)}"
        if draw < 0.6:
            return month
        return self.weekday() if draw < 0.85 else self.holiday()

    def month(self, number: int) -> str:
        """A month's name, one in five short, one in twenty misspelt."""
        draw, name = self._rng.random(), _MONTHS[number - 1]
        if draw < 0.2:
            return _SHORT[number - 1]
        return self._rng.choice(_MISSPELT[name]) if draw < 0.25 else name

    def month_name(self) -> str:
        """A month alone."""
        return self.month(self._rng.randint(1, 12))

    def month_year(self) -> str:
        """ "March 2019"."""
        return f"{self.month_name()} {self._rng.randint(1960, 2027)}"

    def weekday(self) -> str:
        """A day of the week."""
        return self._rng.choice(_WEEKDAYS if self._rng.random() < 0.85 else _SHORT_WEEKDAYS)

    def holiday(self) -> str:
        """A day with a name."""
        return self._rng.choice(_HOLIDAYS)

    def birth(self) -> str:
        """A date of birth."""
        return self.numeric() if self._rng.random() < 0.75 else self.written()

    def spoken(self) -> str:
        """As it is dictated: "march ninth nineteen sixty two", "the twelfth of may"."""
        rng, day = self._rng, self._day()
        month, ordinal = _MONTHS[day.month - 1], _ORDINALS[day.day - 1]
        year = spoken_year(day.year)
        forms = (
            f"{month} {ordinal} {year}",
            f"{month} {ordinal}, {year}",
            f"{month} {ordinal}",
            f"{ordinal} of {month}",
        )
        text = rng.choice((*forms, f"the {ordinal} of {month}", f"{month} {spoken_number(day.day)} {year}"))
        return text if rng.random() < 0.4 else text.lower()

    def nth(self) -> str:
        """A day of the month alone: "14th"."""
        number = self._rng.randint(1, 31)
        return self._rng.choice((f"{number}{_ending(number)}", _ORDINALS[number - 1]))

    def odd(self) -> str:
        """ "Oct '10", "mid-April", "9-9-39", "20240314", "Cinco de Mayo"."""
        rng, day = self._rng, self._day()
        month = self.month(day.month)
        short = _SHORT[day.month - 1]
        return rng.choice(
            (
                f"{short} '{day.year % 100:02}",
                f"{month} '{day.year % 100:02}",
                f"{rng.choice(('mid', 'late', 'early'))}-{month}",
                f"{rng.choice(('mid', 'late', 'early', 'end of', 'beginning of'))} {month}",
                f"{day.month}-{day.day}-{day.year % 100:02}",
                f"{day.year}{day.month:02}{day.day:02}",
                f"{day.month:02}{day.day:02}{day.year}",
                f"{short[:3].upper()} {day.day:02}",
                f"{day.day}{short[:3].lower()}{day.year % 100:02}",
                f"{day.day}. {month} {day.year}",
                f"{short} of '{day.year % 100:02}",
                f"{_WEEKDAYS[day.weekday()].lower()[:3]} {day.month}/{day.day}",
                f"{_WEEKDAYS[day.weekday()]} the {day.day}{_ending(day.day)}",
                f"{_WEEKDAYS[day.weekday()]} the {_ORDINALS[day.day - 1]}",
                f"{month}-{_MONTHS[day.month % 12]} {day.year}",
                f"{day.month}/{day.day}-{day.month}/{min(28, day.day + 3)}/{day.year % 100:02}",
                f"{month} {day.day}{_ending(day.day)} '{day.year % 100:02}",
                rng.choice(_ODD_DAYS),
            )
        )

    def old_age(self) -> str:
        """An age over 89 in figures."""
        return str(self._rng.choice((*range(90, 103), *range(90, 97), 104, 107)))

    def old_age_words(self) -> str:
        """An age over 89 in words."""
        rng = self._rng
        if rng.random() < 0.2:
            return rng.choice(
                ("one hundred", "a hundred", "one hundred and one", "one hundred two", "a hundred and four")
            )
        return rng.choice(("ninety", *(f"ninety{rng.choice('- ')}{one}" for one in _ONES)))

    def _day(self) -> date:
        days = self._rng.randint(0, 1500) if self._rng.random() < 0.7 else self._rng.randint(0, 36_000)
        return date(2027, 12, 31) - timedelta(days=days)


def spoken_number(number: int) -> str:
    """A number below a hundred in words: "fifty six"."""
    if number < 20:
        return ("zero", *_ONES, *_TEENS)[number]
    tens, one = divmod(number, 10)
    return _TENS[tens - 2] + (f" {_ONES[one - 1]}" if one else "")


def spoken_year(year: int) -> str:
    """ "nineteen sixty two", "two thousand four", "twenty twenty three"."""
    century, rest = divmod(year, 100)
    if year < 2000 or year >= 2010:
        return f"{spoken_number(century)} {spoken_number(rest) if rest else 'hundred'}"
    return f"two thousand {spoken_number(rest)}" if rest else "two thousand"


def _ending(day: int) -> str:
    return {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day, "th")
