"""Check digits of SIREN, SIRET (INSEE) and BCE numbers, on published examples and on any number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import is_bce, is_belgian_national_number, is_nir, is_siren, is_siret

DIGITS = "0123456789"


def luhn_sum(digits: str) -> int:
    """Luhn's sum, written from its definition: digits counted from the right, the even places doubled."""
    total = 0
    for place in range(1, len(digits) + 1):
        digit = int(digits[-place])
        if place % 2 == 0:
            digit = sum(map(int, str(2 * digit)))
        total += digit
    return total


def completed(digits: str) -> str:
    """Return the digits followed by the one that makes their Luhn sum a multiple of ten."""
    return next(digits + last for last in DIGITS if luhn_sum(digits + last) % 10 == 0)


sirens = st.text(DIGITS, min_size=8, max_size=8).map(completed).filter(lambda siren: siren != "356000000")
sirets = st.builds(lambda siren, nic: completed(siren + nic), sirens, st.text(DIGITS, min_size=4, max_size=4))
bce_numbers = st.integers(0, 19_999_999).map(lambda first: f"{first:08}{97 - first % 97:02}")


@st.composite
def one_changed_digit(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> str:
    number = draw(numbers)
    place = draw(st.integers(0, len(number) - 1))
    other = draw(st.sampled_from(DIGITS.replace(number[place], "")))
    return number[:place] + other + number[place + 1 :]


def test_a_siren_satisfies_luhn() -> None:
    assert is_siren("404833048")
    assert not is_siren("404833047")
    assert is_siren("732829320")


def test_a_siret_satisfies_luhn_over_fourteen_digits() -> None:
    assert is_siret("73282932000074")
    assert not is_siret("73282932000079")
    assert is_siret("11002001300097")


def test_a_siret_must_begin_with_a_siren() -> None:
    assert luhn_sum("40483304700008") % 10 == 0, "the fourteen digits pass Luhn by themselves"
    assert not is_siren("404833047")
    assert not is_siret("40483304700008")


def test_an_establishment_of_la_poste_needs_a_digit_sum_that_is_a_multiple_of_five() -> None:
    assert luhn_sum("35600000049837") % 10 != 0
    assert is_siret("35600000049837")
    assert not is_siret("35600000049838")


def test_an_establishment_of_la_poste_is_not_accepted_for_luhn_alone() -> None:
    assert luhn_sum("35600000000014") % 10 == 0
    assert sum(map(int, "35600000000014")) % 5 != 0
    assert not is_siret("35600000000014")


def test_the_head_office_of_la_poste_follows_the_common_rule() -> None:
    assert luhn_sum("35600000000048") % 10 == 0
    assert sum(map(int, "35600000000048")) % 5 != 0
    assert is_siret("35600000000048")


def test_the_rule_of_la_poste_holds_for_no_other_enterprise() -> None:
    assert sum(map(int, "73282932000004")) % 5 == 0
    assert luhn_sum("73282932000004") % 10 != 0
    assert not is_siret("73282932000004")


@pytest.mark.parametrize(
    ("number", "exists"),
    [
        ("0403019261", True),
        ("0431150351", False),
        ("0428759497", True),  # a remainder of zero gives 97 …
        ("0428759400", False),  # … never 00
        ("1000000021", True),  # formally right, and begins with 1
        ("2000000042", False),
    ],
)
def test_the_last_two_digits_of_a_bce_number_are_97_minus_a_remainder(number: str, exists: bool) -> None:
    assert is_bce(number) is exists


def test_a_bce_number_begins_with_0_or_1() -> None:
    first = 20_000_000
    assert not is_bce(f"{first}{97 - first % 97:02}")


@pytest.mark.parametrize(
    "text", ["", "40483304", "4048330480", "404 833 048", "404.833.048", "40483304a", "４０４８３３０４８", "٤٠٤٨٣٣٠٤٨"]
)
def test_a_siren_is_nine_digits_and_nothing_else(text: str) -> None:
    assert not is_siren(text)


@pytest.mark.parametrize("text", ["", "7328293200007", "073282932000074", "732 829 320 00074", "404833048"])
def test_a_siret_is_fourteen_digits_and_nothing_else(text: str) -> None:
    assert not is_siret(text)


@pytest.mark.parametrize("text", ["", "403019261", "BE0403019261", "0403.019.261", "00403019261"])
def test_a_bce_number_is_ten_digits_and_nothing_else(text: str) -> None:
    assert not is_bce(text)


@given(sirens)
def test_every_number_completed_by_luhn_is_a_siren(siren: str) -> None:
    assert is_siren(siren)


@given(sirets)
def test_every_siren_completed_by_luhn_is_a_siret(siret: str) -> None:
    assert is_siret(siret)


@given(bce_numbers)
def test_every_number_completed_by_its_remainder_is_a_bce_number(number: str) -> None:
    assert is_bce(number)


@given(one_changed_digit(sirens))
def test_one_changed_digit_of_a_siren_is_always_caught(changed: str) -> None:
    assert not is_siren(changed)


@given(one_changed_digit(sirets))
def test_one_changed_digit_of_a_siret_is_always_caught(changed: str) -> None:
    assert not is_siret(changed)


@given(one_changed_digit(bce_numbers))
def test_one_changed_digit_of_a_bce_number_is_always_caught(changed: str) -> None:
    assert not is_bce(changed)


@given(sirens, st.integers(0, 7))
def test_two_neighbouring_digits_swapped_are_caught_unless_they_are_0_and_9(siren: str, place: int) -> None:
    pair = siren[place : place + 2]
    swapped = siren[:place] + pair[::-1] + siren[place + 2 :]
    assert is_siren(swapped) == (pair[0] == pair[1] or set(pair) == {"0", "9"})


def nir(number: str) -> str:
    """Complete a register number of thirteen signs by its key: invented, the department may be Corsican."""
    counted = number.replace("2A", "19").replace("2B", "18")
    return f"{number}{97 - int(counted) % 97:02}"


def national(nine: str, century: str = "") -> str:
    return f"{nine}{97 - int(century + nine) % 97:02}"


nirs = st.from_regex(r"[1-478][0-9]{2}(?:0[1-9]|1[0-2]|2[0-9])(?:[0-9]{2}|2[AB])[0-9]{6}", fullmatch=True).map(nir)
nationals = st.builds(
    lambda day, rank, century: national(f"{day:%y%m%d}{rank:03}", century),
    st.dates(),
    st.integers(1, 998),
    st.sampled_from(["", "2"]),
)


@given(nirs)
def test_every_register_number_completed_by_its_key_is_one_of_a_person_in_france(number: str) -> None:
    assert is_nir(number)


@given(nirs, st.integers(1, 96))
def test_any_other_key_makes_no_register_number(number: str, further: int) -> None:
    key = (int(number[13:]) - 1 + further) % 97 + 1
    assert not is_nir(f"{number[:13]}{key:02}")


@pytest.mark.parametrize("month", ["00", "13", "43", "49"])
def test_a_register_number_of_no_month_is_none(month: str) -> None:
    assert not is_nir(nir(f"255{month}99999001"))


def test_corsica_has_letters_in_its_numbers() -> None:
    assert is_nir(nir("255082A999001"))
    assert is_nir(nir("155082B999001"))
    assert not is_nir(nir("155082B999001").replace("2B", "2A"))


@given(nationals)
def test_every_belgian_number_completed_by_its_remainder_is_one_of_a_person(number: str) -> None:
    assert is_belgian_national_number(number)


@pytest.mark.parametrize("nine", ["851332001", "856001001", "850140001", "850101000", "850101999"])
def test_a_belgian_number_of_no_day_or_no_rank_is_none(nine: str) -> None:
    assert not is_belgian_national_number(national(nine))


def test_who_is_not_in_the_belgian_register_has_a_month_that_is_higher() -> None:
    assert is_belgian_national_number(national("854112001"))
    assert is_belgian_national_number(national("852112001"))
    assert is_belgian_national_number(national("850000001"))
