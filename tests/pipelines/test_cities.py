"""Cities are classed as the Government of India does."""

import pytest

from pipelines.cities import CLASSES, city_class


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("New Delhi", "X"), ("  navi-mumbai ", "X"), ("BENGALURU", "X"), ("Gurugram", "Y"), ("Hubli-Dharwad", "Y"),
        ("Prayagraj", "Y"), ("Kozhikode (Calicut)", "Z"), ("Shimla", "Z"), ("", None), ("--", None),
    ],
)  # fmt: skip
def test_the_class_of_a_city(name: str, size: str | None) -> None:
    assert city_class(name) == size


def test_no_name_is_of_two_cities() -> None:
    names = [name for cities in CLASSES.values() for names in cities for name in names]
    assert len({name.lower() for name in names}) == len(names)
    assert (len(CLASSES["X"]), len(CLASSES["Y"])) == (8, 89)
