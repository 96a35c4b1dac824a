"""Makes the labelled statements in `evaluation/`: people who are paid, pay, bounce and move money at many banks.

    python -m tests.pipelines.labelled        writes evaluation/<set>.csv again, the same bytes each time

The banks and their narrations are in evaluation/shapes.yaml. Names, amounts and references are made up.
"""

import csv
import random
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml

FOLDER = Path(__file__).with_name("evaluation")
COLUMNS = ("statement_id", "account_ref", "txn_id", "date", "side", "amount", "balance", "narration", "label")
SHAPES: dict[str, Any] = yaml.safe_load((FOLDER / "shapes.yaml").read_text(encoding="utf-8"))
SALARY, EMI, BOUNCE, TRANSFER, CASH, OTHER = "SALARY", "EMI", "BOUNCE", "TRANSFER", "CASH", "OTHER"

PEOPLE = [
    "RAHUL NAIR", "SALIM KHAN", "EMILY DSOUZA", "ANITA DESAI", "SURESH BABU", "CASHMIRA PATEL", "RENTU SINGH",
    "MEENA IYER",
]  # fmt: skip
HOLDERS = ["ASHA VERMA", "BHARAT SINGH", "CHITRA NAIR", "DEEPAK RAO", "FAROOQ ALI"]
MERCHANTS = [
    "SWIGGY", "ZOMATO", "AMAZON", "FLIPKART", "BIGBASKET", "UBER", "DMART", "APOLLO PHARMACY", "IRCTC", "BOOKMYSHOW",
]  # fmt: skip
SERVICES = ["AIRTEL", "BESCOM", "TATA POWER", "JIO POSTPAID", "ACT FIBERNET"]
FUNDS = [
    "INDIAN CLEARING CORP", "NIPPON INDIA MUTUAL FUND", "LIC OF INDIA", "HDFC LIFE INSURANCE", "ICICI PRUDENTIAL LIFE",
]  # fmt: skip
BANKS = [
    ("HDFC BANK", "HDFC"),
    ("STATE BANK OF INDIA", "SBIN"),
    ("AXIS BANK", "UTIB"),
    ("KOTAK BANK", "KKBK"),
]
MONTHS = 6
STATEMENTS_A_BANK = 5
SETS = {"seen": 11, "unseen": 23}  # and the seed of each
FIRST = date(2026, 1, 1)


class Line(NamedTuple):
    day: date
    side: str
    amount: int
    kind: str
    label: str
    words: Mapping[str, str] = MappingProxyType({})


class Statement:
    """Half a year of one person's account at one bank."""

    def __init__(self, number: int, bank: str, shapes: dict[str, list[str]], side: str, draw: random.Random):
        self.id, self.bank, self.shapes, self.draw = f"{bank}-{number}", bank, shapes, draw
        self.words = {
            "h": draw.choice(HOLDERS), "e": draw.choice(SHAPES[side]["employers"]),
            "salary": draw.choice(shapes["salary"]), "emi": draw.choice(shapes["emi"]),
        }  # fmt: skip
        self.pay_day, self.salary = draw.choice([1, 5, 7, 28]), draw.randrange(28_000, 95_000)
        lenders = draw.sample(SHAPES[side]["lenders"], draw.choice([1, 2, 2]))
        self.loans = [(lender, draw.randrange(1_800, 9_000), draw.choice([3, 5, 10])) for lender in lenders]

    def lines(self) -> Iterator[Line]:
        for month in range(1, MONTHS + 1):
            yield self.line(month, self.pay_day, "CR", self.pay(), "salary", SALARY)
            for lender, amount, day in self.loans:
                yield from self.instalment(month, day, amount, lender)
            yield from self.spending(month)

    def pay(self) -> int:
        return self.salary + self.draw.choice([0, 0, 150, -420])

    def instalment(self, month: int, day: int, amount: int, lender: str) -> Iterator[Line]:
        bounced = self.draw.random() < 0.2
        yield self.line(month, day, "DR", amount, "emi", EMI, l=lender)
        if bounced:
            # the bank gives the instalment back the same or next day, and charges for it later
            yield self.line(month, day, "CR", amount, "bounce", BOUNCE, l=lender)
            yield self.line(month, day + 2, "DR", self.draw.choice([295, 413, 590]), "charge", BOUNCE)

    def spending(self, month: int) -> Iterator[Line]:
        plan = [("out", "DR", TRANSFER, 7, 100, 9_000), ("in", "CR", TRANSFER, 4, 200, 12_000),
                ("cash_out", "DR", CASH, 3, 5, 80), ("cash_in", "CR", CASH, 1, 10, 90),
                ("shop", "DR", OTHER, 9, 99, 2_500)]  # fmt: skip
        for kind, side, label, most, low, high in plan:
            for _ in range(self.draw.randint(0, most)):
                amount = self.draw.randint(low, high) * (100 if label == CASH else 1)
                yield self.line(month, self.draw.randint(1, 28), side, amount, kind, label)
        for shape in self.shapes["other"]:
            side = "CR" if "INT" in shape.split("/")[0].split("-")[0] or "INTEREST" in shape else "DR"
            day, amount = self.draw.randint(1, 28), self.draw.randint(50, 3_000)
            yield self.line(month, day, side, amount, "other", OTHER, shape=shape)

    def line(self, month: int, day: int, side: str, amount: int, kind: str, label: str, **words: str) -> Line:
        return Line(date(2026, month, day), side, amount, kind, label, words)

    def rows(self) -> Iterator[dict[str, str]]:
        balance = Decimal(self.draw.randint(5_000, 40_000))
        for number, line in enumerate(sorted(self.lines(), key=lambda line: line.day), start=1):
            balance += line.amount if line.side == "CR" else -line.amount
            told = (
                self.id, self.bank, f"{self.id}-{number}", line.day.isoformat(), line.side, f"{line.amount}.00",
                f"{balance}.00", self.narration(line), line.label,
            )  # fmt: skip
            yield dict(zip(COLUMNS, told, strict=True))

    def narration(self, line: Line) -> str:
        """A salary and a loan keep their shape for the whole statement; everything else varies."""
        shape = (
            line.words.get("shape") or self.words.get(line.kind) or self.draw.choice(self.shapes[line.kind])
        )
        person, merchant = self.draw.choice(PEOPLE), self.draw.choice(MERCHANTS)
        bank, prefix = self.draw.choice(BANKS)
        filled = {
            "e": self.words["e"], "h": self.words["h"], "p": person, "m": merchant,
            "v": f"{person.split()[0].lower()}{self.digits(4)}@ok{prefix.lower()}",
            "s": self.draw.choice(SERVICES), "f": self.draw.choice(FUNDS), "bank": bank, "b4": prefix,
            "i": f"{prefix}0{self.digits(6)}", "u": f"{prefix}N{self.digits(14)}",
            "M": f"{line.day:%b}".upper(), "y": f"{line.day:%Y}", **line.words,
        }  # fmt: skip
        for size in (2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 15):
            filled[f"n{size}"] = self.digits(size)
        return shape.format(**filled)

    def digits(self, size: int) -> str:
        return "".join(self.draw.choice("0123456789") for _ in range(size))


def rows(side: str) -> Iterator[dict[str, str]]:
    """The lines of a set, the same each time."""
    draw = random.Random(SETS[side])
    for bank, shapes in SHAPES[side]["banks"].items():
        for number in range(STATEMENTS_A_BANK):
            yield from Statement(number, bank, shapes, side, draw).rows()


def main() -> None:
    for side in SETS:
        with (FOLDER / f"{side}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows(side))


if __name__ == "__main__":
    main()
