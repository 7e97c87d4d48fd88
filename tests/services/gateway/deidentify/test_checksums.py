from collections.abc import Callable

import pytest

from services.gateway.deidentify import checksums


@pytest.mark.parametrize(
    ("check", "valid", "invalid"),
    [
        (checksums.npi, "1234567893", "1234567890"),
        (checksums.npi, "1245319599", "3245319599"),
        (checksums.dea, "AB1234563", "AB1234564"),
        (checksums.dea, "F91234563", "F9123456"),
        (checksums.vin, "1M8GDM9AXKP042788", "1M8GDM9A1KP042788"),
        (checksums.vin, "1hgcm82633a004352", "1HGCM82633A00435O"),
        (checksums.mbi, "1EG4-TE5-MK73", "1SG4-TE5-MK73"),
        (checksums.mbi, "1EG4TE5MK73", "0EG4TE5MK73"),
        (checksums.ssn, "518620937", "666620937"),
        (checksums.ssn, "001010001", "900010001"),
        (checksums.aba, "021000021", "021000020"),
        (checksums.iban, "GB82 WEST 1234 5698 7654 32", "GB83 WEST 1234 5698 7654 32"),
        (checksums.card, "4111111111111111", "4111111111111112"),
        (checksums.imei, "490154203237518", "490154203237517"),
    ],
)
def test_check_digits(check: Callable[[str], bool], valid: str, invalid: str) -> None:
    """Published examples are valid; with one character changed they are not."""
    assert check(valid)
    assert not check(invalid)
