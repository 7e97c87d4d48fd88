"""Addresses, cities, counties, facilities and other named places below a state."""

from random import Random

from model_build.deid import lexicons
from model_build.deid.examples import Part, Piece
from model_build.deid.values import chains

_ENDINGS = (
    *("Street", "St", "St.", "Avenue", "Ave", "Ave.", "Road", "Rd", "Rd.", "Drive", "Dr", "Dr.", "Lane", "Ln", "Blvd"),
    *("Boulevard", "Blvd.", "Court", "Ct", "Circle", "Cir", "Way", "Place", "Pl", "Terrace", "Ter", "Trail", "Trl"),
    *("Parkway", "Pkwy", "Highway", "Hwy", "Loop", "Square", "Sq", "Alley", "Crossing", "Point", "Pike", "Path", "Row"),
)
_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "12th", "14th", "23rd", "42nd")
_SPELLED = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
_FACILITIES = (
    *("Hospital", "Medical Center", "General Hospital", "Clinic", "Health Center", "Nursing Home", "Hospice", "Health"),
    *("Rehab", "Rehabilitation Center", "Skilled Nursing Facility", "SNF", "Assisted Living", "Urgent Care", "Med Ctr"),
    *("Children's Hospital", "Cancer Center", "Family Practice", "Surgery Center", "Dialysis Center", "Care Center"),
    *("Behavioral Health", "Memorial Hospital", "Community Hospital", "Regional Medical Center", "VA Medical Center"),
    *("Family Medicine", "Pediatrics", "Orthopedics", "Imaging", "Senior Living", "Manor", "Health System", "Pharmacy"),
    *("Convalescent Home", "Birth Center", "Eye Institute", "Dental", "Heart Institute", "Wellness Center", "Hosp"),
)
_OTHER_PLACES = (
    *("Elementary School", "High School", "Middle School", "University", "Community College", "Church", "Park", "Mall"),
    *("Correctional Facility", "County Jail", "Shelter", "Apartments", "Trailer Park", "Reservation", "Mosque", "Lake"),
    *(
        "Airport",
        "Library",
        "YMCA",
        "Fire Station",
        "Heights",
        "Estates",
        "Beach",
        "Bridge",
        "Cemetery",
        "Farm",
        "Cove",
    ),
    *("Police Precinct", "Ranch", "Golf Club", "Diner", "Village", "Synagogue", "Plaza", "Group Home", "Day Care"),
)
_HOLY = ("Our Lady of", "St.", "Saint", "San", "Santa", "Mount", "Notre Dame", "Sacred", "Good", "Fort", "Camp", "Holy")
_HOLY_ENDS = ("", "", " Hospital", " Clinic", " Church", " School", " Medical Center")
_SAINTS = (
    *(
        "Lourdes",
        "Guadalupe",
        "Mary",
        "John",
        "Fatima",
        "Carmel",
        "Rita",
        "Vincent",
        "Agnes",
        "Bernard",
        "Hope",
        "Grace",
    ),
    *("Rosario", "Sorrows", "Peace", "Anthony", "Therese", "Jude", "Barbara", "Clara", "Rosa", "Olivet", "Moriah"),
)
_PRACTICES = (
    *("Internal Medicine", "Gastro", "GI Associates", "Cardiology", "Dermatology", "Ortho", "Women's Health", "OB/GYN"),
    *("Oncology", "Physical Therapy", "Eye Care", "ENT", "Urology", "Nephrology", "Primary Care", "Labs", "Radiology"),
    *("Medical Group", "Physicians", "Medical Pavilion", "Spine", "Pain Center", "Psychiatry", "Home Care", "Dialysis"),
    *("Sleep Lab", "Animal Hospital", "Infusion", "Birthing Center", "Recovery", "Detox", "Walk-in", "Middle School"),
)
_UNITS = ("Apt {}", "Apt. {}", "Unit {}", "#{}", "Suite {}", "Ste {}", "Apartment {}", "Lot {}", "Rm {}", "Floor {}")
_DIRECTIONS = ("N", "S", "E", "W", "N.", "S.", "E.", "W.", "North", "South", "East", "West", "NE", "NW", "SE", "SW")
_BEFORE_TOWNS = (
    *("Fort", "Port", "Lake", "Mount", "New", "Old", "North", "South", "East", "West", "San", "Santa", "El", "Los"),
    *("La", "Saint", "St.", "Cape", "Glen", "Point", "Bay", "Camp", "Upper", "Lower", "Little", "Big", "Grand", "Ste."),
)
_AFTER_TOWNS = (
    *("ville", "ton", "burg", "field", "ford", "wood", "dale", "view", "port", "haven", "ridge", "creek", "ham"),
    *(" Falls", " Springs", " Junction", " City", " Beach", " Grove", " Hills", " Rapids", " Bluff", " Landing"),
    *(
        " Park",
        " Heights",
        " Center",
        " Corners",
        " Mills",
        " Township",
        " Prairie",
        " Valley",
        " by the Sea",
        " Point",
    ),
)
_QUARTERS = (
    *("{} Heights", "{} Hill", "{} Village", "{} Park", "East {}", "West {}", "South {}", "Old {}", "Upper {}"),
    *("{} District", "{} Flats", "{} Gardens", "{} Terrace", "{} Estates", "{} Crossing", "Little {}"),
    *("{} Projects", "{} Houses", "{} Towers", "{} Meadows", "{} Woods", "{} Common", "{} Square", "Port {}"),
)
_ODD_PLACES = (
    *("{} House", "{} Lodge", "{} Hall", "{} Commons", "{} Arms", "{} Court Apartments", "{} Tavern", "Camp {}"),
    *("{} Center for Cardiac Care", "Center for Women at {}", "{} Institute of Neurology", "{} Ambulatory Surgery"),
    *("{} State Prison", "{} Juvenile Detention", "{} Air Force Base", "Fort {}", "{} Naval Station", "{} Mine"),
    *("{} Academy", "{} Prep", "{} Preschool", "{} Montessori", "{} Charter School", "{} ISD", "{} State University"),
    *("St. {}'s parish hall", "Iglesia {}", "{} AME Church", "Temple {}", "Masjid {}", "{} Baptist Church"),
    *("{} Fire Department", "{} Police Department", "{} County Courthouse", "{} Senior Center", "{} VFW Hall"),
    *("{} Brewery", "{} Nail Salon", "{} Auto Body", "{} Bakery", "{} Foundry", "{} Lumber", "{} Dairy", "{} Farms"),
    *("{} General", "{} Mercy", "{} Regional", "{} Memorial", "{} Children's", "{} Presbyterian", "{} VA", "UC {}"),
    *("{} Nursing and Rehab", "{} Memory Care", "{} Health & Rehabilitation", "The {} at {}", "{} of {}", "{} Hospice"),
)


_RESIDENCES = (
    *("The Gables at {}", "The Terraces at {}", "The Pines", "{} Place", "{} Landing", "The Willows of {}", "Villa {}"),
    *("{} House", "The {}", "{} Commons", "Casa {}", "Atria {}", "{} on the Lake", "Arbors at {}", "{} Crossing"),
)
_UNTOLD = (
    "Suites",
    "Infusion",
    "Labs",
    "Open MRI",
    "Oncology",
    "Ortho",
    "Pain",
    "Peds",
    "Dialysis",
    "Spine",
    "Endoscopy",
)


class Places:
    """Places of one part. What is named here never holds a state; a ZIP code is a piece of its own."""

    def __init__(self, rng: Random, part: Part) -> None:
        self._rng = rng
        self._places = lexicons.places(part)
        self._foreign = lexicons.foreign_cities(part)
        self._counties = lexicons.counties(part)
        self._streets = lexicons.street_names(part)
        self._facilities = [word for word in lexicons.words("facility_words") if lexicons.part_of(word) == part]
        self._surnames = lexicons.frequent_last_names(part)
        self._invents = part == "tune"
        self._new = chains.cities(part)

    def city(self) -> str:
        """A city, one in seven outside of the United States; some are in no list, to learn from."""
        rng = self._rng
        if self._invents and rng.random() < 0.2:
            return self._new_city()
        if rng.random() < 0.15:
            name = rng.choice(self._foreign)
            return name if rng.random() < 0.5 else lexicons.plain(name)
        return rng.choice(self._places).city

    def quarter(self) -> str:
        """A neighbourhood: "Cedar Heights", "East Salem"."""
        return self._rng.choice(_QUARTERS).format(self._any_name())

    def odd_place(self) -> str:
        """A house, school, prison, shop or parish by name."""
        return self._rng.choice(_ODD_PLACES).replace("{}", self._any_name(), 1).replace("{}", self._any_name())

    def _any_name(self) -> str:
        rng = self._rng
        if rng.random() < 0.25:
            return self._new(rng)
        return rng.choice(rng.choice((self._surnames, self._streets, self._facilities)))

    def _new_city(self) -> str:
        rng = self._rng
        draw = rng.random()
        if draw < 0.5:
            return self._new(rng)
        if draw < 0.75:
            return f"{rng.choice(_BEFORE_TOWNS)} {self._any_name()}"
        return f"{self._any_name()}{rng.choice(_AFTER_TOWNS)}"

    def county(self) -> str:
        """ "Cook County", now and then "County of Cook"."""
        name = self._rng.choice(self._counties)
        if name.endswith(" County") and self._rng.random() < 0.1:
            return f"County of {name.removesuffix(' County')}"
        return name

    def street(self) -> str:
        """House number and street, with or without direction and flat; or a box."""
        rng, draw = self._rng, self._rng.random()
        if draw < 0.07:
            return f"{rng.choice(('P.O. Box', 'PO Box', 'P. O. Box', 'PO BOX', 'Box'))} {rng.randint(1, 99999)}"
        if draw < 0.1:
            return f"{rng.choice(('RR', 'Rural Route', 'HC'))} {rng.randint(1, 9)} Box {rng.randint(1, 400)}"
        line = f"{self._number()} {self.street_name()}"
        if rng.random() < 0.25:
            flat = rng.choice((str(rng.randint(1, 999)), f"{rng.randint(1, 40)}{rng.choice('ABCDEF')}", "B", "A"))
            line += rng.choice((", ", " ")) + rng.choice(_UNITS).format(flat)
        return line

    def street_name(self) -> str:
        """A street without number: "N. Maple Ave", "42nd Street", "Highway 61"."""
        rng, draw = self._rng, self._rng.random()
        if draw < 0.12:
            name = f"{rng.choice((*_ORDINALS, *_SPELLED))} {rng.choice(_ENDINGS[:6])}"
        elif draw < 0.17:
            ways = ("Highway", "Hwy", "Route", "US Highway", "State Route", "County Road", "CR", "FM")
            return f"{rng.choice(ways)} {rng.randint(1, 999)}"
        elif draw < 0.2:
            return rng.choice(("Broadway", f"Avenue {rng.choice('ABCMNX')}", f"Calle {rng.choice(self._streets)}"))
        else:
            name = f"{rng.choice(self._streets)} {rng.choice(_ENDINGS)}"
        return f"{rng.choice(_DIRECTIONS)} {name}" if rng.random() < 0.2 else name

    def address(self) -> list[Piece]:
        """Street, city, state and ZIP: one LOCATION up to the state, the state outside, then ZIP_CODE."""
        rng, place = self._rng, self._rng.choice(self._places)
        gap = rng.choice((", ", ", ", ", ", "\n", " ", ",\n", ",", " - "))
        pieces = [Piece(f"{self.street()}{gap}{place.city}", "LOCATION"), *self._state_and_zip(place)]
        return pieces

    def city_state(self) -> list[Piece]:
        """ "Springfield, IL", with or without ZIP code."""
        place = self._rng.choice(self._places)
        tail = self._state_and_zip(place) if self._rng.random() < 0.3 else [Piece(f", {self._state(place)}")]
        return [Piece(place.city, "LOCATION"), *tail]

    def zip_code(self) -> str:
        """Five digits, at times nine."""
        return self._zip(self._rng.choice(self._places))

    def facility(self) -> str:
        """A hospital, clinic, home or practice by name, one in eight without a word for what it is."""
        rng, draw = self._rng, self._rng.random()
        if rng.random() < 0.12:
            return self._residence()
        if draw < 0.45:
            name = rng.choice(self._facilities)
        elif draw < 0.75:
            name = rng.choice(self._places).city
        elif draw < 0.9:
            name = rng.choice(self._surnames)
        else:
            name = f"{rng.choice(self._places).city} {rng.choice(self._facilities)}"
        if rng.random() < 0.12:
            return f"{rng.choice(_HOLY)} {rng.choice(_SAINTS)}{rng.choice(_HOLY_ENDS)}"
        if rng.random() < 0.12:
            practice = rng.choice(_PRACTICES)
            return f"{name.removesuffix(' County')} {rng.choice(('', 'Area ', 'Valley ', 'Family '))}{practice}"
        if rng.random() < 0.06:
            return f"University of {rng.choice(self._places).city} {rng.choice(('Hospital', 'Medical Center'))}"
        if rng.random() < 0.08:
            return name if name in self._facilities and "St." in name else f"{name} ER"
        return f"{name} {rng.choice(_FACILITIES)}"

    def _residence(self) -> str:
        """What only its context tells to be a facility: "The Gables at Salem", "St. Jude's", "Brookhaven"."""
        rng, draw, name = self._rng, self._rng.random(), self._any_name()
        if draw < 0.35:
            return rng.choice(_RESIDENCES).format(name)
        if draw < 0.5:
            return f"{rng.choice(('St.', 'St', 'Saint'))} {rng.choice(_SAINTS)}'s"
        return name if draw < 0.8 else f"{name} {rng.choice(_UNTOLD)}"

    def landmark(self) -> str:
        """A school, church, park, prison, reservation, estate by name."""
        rng = self._rng
        name = rng.choice((rng.choice(self._places).city, rng.choice(self._streets), rng.choice(self._surnames)))
        return f"{name} {rng.choice(_OTHER_PLACES)}"

    def crossing(self) -> str:
        """ "Main St and 5th Ave": one place."""
        return f"{self.street_name()} {self._rng.choice(('and', '&', 'at'))} {self.street_name()}"

    def block(self) -> str:
        """ "1200 block of Peachtree"."""
        street = self.street_name() if self._rng.random() < 0.5 else self._any_name()
        return f"{self._rng.randint(1, 99)}00 {self._rng.choice(('block of ', 'blk ', 'block '))}{street}"

    def road_near(self) -> str:
        """ "hwy 41 near Salem"."""
        rng = self._rng
        road = rng.choice(("hwy {}", "Hwy {}", "Highway {}", "Route {}", "rt {}", "SR-{}", "I-{}", "US {}", "CR {}"))
        return f"{road.format(rng.randint(1, 499))} {rng.choice(('near', 'outside', 'by', 'at', 'in'))} {self.city()}"

    def _number(self) -> str:
        rng = self._rng
        number = str(rng.choice((rng.randint(1, 99), rng.randint(100, 999), rng.randint(1000, 29999))))
        return number + rng.choice(("A", "B", " 1/2", "-B", "")) if rng.random() < 0.05 else number

    def _state_and_zip(self, place: lexicons.Place) -> list[Piece]:
        rng = self._rng
        comma = rng.choice((", ", ", ", " ", ",", "\n"))
        space = rng.choice((" ", " ", " ", "  ", ", ", "\n"))
        state = Piece(f"{comma}{self._state(place)}{space}")
        return [state, Piece(self._zip(place), "ZIP_CODE")] if rng.random() < 0.8 else [Piece(state.text.rstrip())]

    def _state(self, place: lexicons.Place) -> str:
        return place.state if self._rng.random() < 0.8 else self._rng.choice(lexicons.words("states"))

    def _zip(self, place: lexicons.Place) -> str:
        return f"{place.zip_code}-{self._rng.randint(1, 9999):04}" if self._rng.random() < 0.12 else place.zip_code
