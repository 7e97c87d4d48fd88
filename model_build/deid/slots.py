"""The slots that templates may have: `{name}` gives pieces, most of them an identifier."""

from collections.abc import Callable, Sequence
from random import Random

from model_build.deid import lexicons
from model_build.deid.examples import Part, Piece
from model_build.deid.values.clinical import Clinical
from model_build.deid.values.dates import Dates
from model_build.deid.values.numbers import Numbers
from model_build.deid.values.people import People
from model_build.deid.values.places import Places

Filler = Callable[[], Sequence[Piece]]


def fillers(rng: Random, part: Part) -> dict[str, Filler]:
    """Every slot by name."""
    people, places, dates, clinical = People(rng, part), Places(rng, part), Dates(rng), Clinical(rng, part)
    numbers = Numbers(rng, people)
    typed: dict[str, dict[str, Callable[[], str]]] = {
        "PERSON": {
            "first": people.first,
            "last": people.last,
            "full": people.full,
            "last_first": people.last_first,
            "pair": lambda: f"{people.first()} {people.last()}",
            "reversed": lambda: f"{people.last()} {people.first()}",
            "initials": people.initials,
            "newborn": people.newborn,
            "short": people.short,
            "initial_last": lambda: f"{people.initial()} {people.last()}",
            "user": people.user,
            "caret": people.caret,
            "small_initials": people.small_initials,
        },
        "LOCATION": {
            "city": places.city,
            "county": places.county,
            "street": places.street,
            "street_name": places.street_name,
            "facility": places.facility,
            "landmark": places.landmark,
            "crossing": places.crossing,
            "block": places.block,
            "road_near": places.road_near,
            "quarter": places.quarter,
            "odd_place": places.odd_place,
        },
        "ZIP_CODE": {"zip": places.zip_code},
        "DATE": {
            "date": dates.any,
            "day": dates.numeric,
            "written": dates.written,
            "month": dates.month_name,
            "month_year": dates.month_year,
            "weekday": dates.weekday,
            "holiday": dates.holiday,
            "birth": dates.birth,
            "spoken_date": dates.spoken,
            "odd_date": dates.odd,
            "nth": dates.nth,
        },
        "AGE": {"old": dates.old_age, "old_words": dates.old_age_words},
        "PHONE_NUMBER": {"phone": numbers.phone, "pager": numbers.pager},
        "FAX_NUMBER": {"fax": numbers.phone},
        "EMAIL_ADDRESS": {"email": numbers.email},
        "US_SSN": {"ssn": numbers.ssn},
        "MEDICAL_RECORD_NUMBER": {"mrn": numbers.mrn},
        "HEALTH_PLAN_NUMBER": {"mbi": numbers.mbi, "plan": numbers.plan},
        "ACCOUNT_NUMBER": {"account": numbers.account},
        "LICENSE_NUMBER": {"dea": numbers.dea, "npi": numbers.npi, "licence": numbers.licence},
        "VEHICLE_ID": {"vin": numbers.vin, "plate": numbers.plate},
        "DEVICE_ID": {"serial": numbers.serial, "udi": numbers.udi},
        "URL": {"url": numbers.url},
        "IP_ADDRESS": {"ipv4": numbers.ipv4, "ipv6": numbers.ipv6, "mac": numbers.mac},
        "BIOMETRIC_ID": {"biometric": numbers.biometric},
        "ID": {"other": numbers.other},
    }
    plain: dict[str, Callable[[], str]] = {
        "drug": clinical.drug,
        "dose": clinical.dose,
        "lab": clinical.lab,
        "lab_name": clinical.lab_name,
        "vital": clinical.vital,
        "pressure": clinical.pressure,
        "measure": clinical.measure,
        "age": clinical.age,
        "age_words": clinical.age_words,
        "words": clinical.words,
        "year": clinical.year,
        "time": clinical.time,
        "duration": clinical.duration,
        "ago": clinical.ago,
        "code": clinical.code,
        "condition": lambda: _lower(rng.choice(lexicons.conditions())),
        "eponym": lambda: clinical.eponym() if rng.random() < 0.4 else rng.choice(lexicons.words("eponyms")),
        "brand": clinical.brand,
        "named": clinical.eponym,
        "sign_name": clinical.sign_name,
        "thing": clinical.thing,
        "title_line": clinical.title_line,
        "icd": clinical.icd,
        "sign": lambda: rng.choice(lexicons.words("signs")),
    }
    lists = (
        *("symptoms", "diagnoses", "procedures", "states", "countries", "adjectives_of_origin", "brands", "relations"),
        *("credentials", "specialties", "headings", "products", "plain_words", "abbreviations", "roles"),
        *("generic_places", "spoken", "firms"),
        *("drug_brands", "devices", "organisations", "title_lines", "short_words", "eponym_names"),
    )
    table: dict[str, Filler] = {
        "address": places.address,
        "city_state": places.city_state,
        "where": lambda: _where(rng, places),
        "who": lambda: _who(rng, people),
        "couple": people.couple,
    }
    for kind, group in typed.items():
        table.update({name: _typed(make, kind) for name, make in group.items()})
    table.update({name: _typed(make, None) for name, make in plain.items()})
    table.update({name: _typed(_choose(rng, name), None) for name in lists})
    return table


def _where(rng: Random, places: Places) -> list[Piece]:
    """Somewhere: a place by name, or a state, a country or a place without a name, which are no identifiers."""
    draw = rng.random()
    if draw < 0.45:
        return [Piece(rng.choice((places.city, places.city, places.facility, places.landmark))(), "LOCATION")]
    return [
        Piece(rng.choice(lexicons.words("states" if draw < 0.6 else "countries" if draw < 0.75 else "generic_places")))
    ]


def _who(rng: Random, people: People) -> list[Piece]:
    """Somebody: by name, or by a role."""
    draw = rng.random()
    if draw < 0.5:
        return [Piece(rng.choice((people.first, people.first, people.full, people.last))(), "PERSON")]
    return [Piece(rng.choice(lexicons.words("roles" if draw < 0.93 else "firms")))]


def _typed(make: Callable[[], str], kind: str | None) -> Filler:
    return lambda: [Piece(make(), kind)]


def _choose(rng: Random, name: str) -> Callable[[], str]:
    return lambda: rng.choice(lexicons.words(name))


def _lower(text: str) -> str:
    return text[0].lower() + text[1:] if text[1:2].islower() else text
