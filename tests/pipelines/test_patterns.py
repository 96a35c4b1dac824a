from copy import deepcopy
from typing import Any

import polars as pl
import pytest
import yaml

from pipelines.bsa.categorise import _shape, _tags
from pipelines.bsa.normalise import clean_text, counterparty
from pipelines.bsa.patterns import PATTERN_FILE, PatternFileError, Patterns, load_patterns, read_patterns
from tests.pipelines.labelled import FOLDER

PATTERNS = load_patterns()


def tags(side: str, narration: str, patterns: Patterns = PATTERNS) -> dict[str, str]:
    names = {key: name_list.expression() for key, name_list in patterns.names.items()}
    return (
        pl.DataFrame({"side": [side], "narration": [narration]})
        .with_columns(text=clean_text(pl.col("narration")))
        .with_columns(channel=patterns.channel, counterparty=counterparty(patterns), **names)
        .with_columns(category=patterns.category, reason=patterns.reason)
        .row(0, named=True)
    )


def test_it_works():
    row = tags("CR", "NEFT CR-HDFC0000001-ACME TECHNOLOGIES PVT LTD-ASHA VERMA-SALARY MAY 2026")
    assert (row["channel"], row["category"], row["counterparty"]) == (
        "NEFT",
        "SALARY",
        "ACME TECHNOLOGIES PVT LTD",
    )


CATEGORIES = """
CR SALARY               NEFT-N123456789012-BLUE KITE PVT LTD-0001SALARY MAY 2026-000123-ICIC0000012
CR SALARY               00012345678901SALMAY 26
CR SALARY               BY TRANSFER-INB SALARY-
CR SALARY               NEFT/INWARD/CR-HDFC/BLUE KITE/SAL JUL25/AXISN12345678
DR SALARY_PAID          INF/INFT/012345678901/SALARY FOR MAY/RAMESH
DR EMI                  ACH D- BAJAJ FINANCE LTD-1234567
DR EMI                  ACHD-TPACHABL-1234567890
DR EMI                  NACH-DR- TP ACH ICICI BANK
DR EMI                  ECS/HDBFS/1234567890123
DR EMI                  ABC123456789012_EMI_05-05-2026
DR EMI                  UPI-BAJAJ FINANCE-bfl@icici-ICIC0000001-412345678901-EMI
DR EMI                  ACH/KREDITBEE/12345678
DR BOUNCE_CHARGE        ACH D RETURN CHARGES
DR BOUNCE_CHARGE        ECS RTN CHGS 040526
DR BOUNCE_CHARGE        .ACHDEBITRETURNCHARGES123456789012- CDT1234567890123
DR BOUNCE_CHARGE        12345678-EMIRTNCHARGES-MAY123456
DR BOUNCE_CHARGE        NACH_AD_RTN_CHRG~X~1 ABC
DR BOUNCE_CHARGE        ECSRTNCHGS123456_SR123456789
DR BOUNCE_CHARGE        RTN CHG-123456/FUNDS INSUFFICIENT/04.05.26
DR BOUNCE_CHARGE        Chrg: Chq Issue And Return On 04-May-2026
DR BOUNCE_CHARGE        ACH DEBIT RETURN
DR BANK_CHARGE          123 GST: IW Chq Return
DR OUTWARD_RETURN_CHARGE OUTWARD RETURN CHARGES:04-05-2026
DR OUTWARD_RETURN_CHARGE CHQDEPRETCHGS123456
CR CHARGE_REVERSAL      REV_.ACHDEBITRETURNCHARGES123456-X
CR MANDATE_RETURN       ACH D- BAJAJ FINANCE LTD-1234567
CR MANDATE_RETURN       ACH D RETURN-INSUFFICIENT FUNDS
CR CHEQUE_RETURN_INWARD I/W CHQ RETURN-MICR CTS-RAMESH
DR CHEQUE_RETURN_INWARD REJECT:123456:FUNDS INSUFFICIENT
CR CHEQUE_RETURN_OUTWARD RETURNED:123:FUNDS INSUFFICIENT
CR REVERSAL             REV-UPI-12345678901234-x@ybl-412345678901-UPI
CR REVERSAL             NEFT/RETURN/N12345678901234/R03/RAMESH
CR PAYDAY_LOAN_CREDIT   UPI/CR/412345678901/KREDITBEE
CR PAYDAY_LOAN_CREDIT   NEFT CR-YESB0000001-EARLYSALARY SERVICES PVT LTD-ASHA-123
CR PAYDAY_LOAN_CREDIT   UPI/CR/412345678901/SOMEAPP/YESB/someapp@yesbank/LOAN DISBURSAL
DR PAYDAY_LOAN_REPAYMENT UPI/DR/412345678901/MPOKKET
CR LOAN_CREDIT          NEFT/AXISN12345678/LENDINGKART
DR GAMBLING             UPI/DREAM11
DR GAMBLING             UPI-RUMMYCIRCLE-rummy@icici-ICIC0000001-412345678901-ADD CASH
DR CRYPTO               UPI/412345678901/COINDCX
DR CREDIT_CARD_BILL     CC 000185432XXXXXX5274 AUTOPAY SI-TAD
DR RENT                 IMPS-412345678901-RAVI KUMAR-HDFC-XXXXXXXX1234-RENT
DR UTILITY              INB/123456789/X (BILLDESK)/1234567890
DR INSURANCE            ACH/LIC OF INDIA/1234567890123
DR INVESTMENT           ACH D- INDIAN CLEARING CORP-123456
CR CASH_DEPOSIT         BY CASH DEPOSIT- BNA/ABC1234567/1234/040526/PUNE
CR CASH_DEPOSIT         CASH DEPOSIT AT PUNE BY SELF
DR CASH_WITHDRAWAL      ATW-512967XXXXXX0618-S1ACMN04-PUNE
DR CASH_WITHDRAWAL      NFS/CASH WDL/412345678901/ATM1/PUNE/04-05-26
DR BANK_CHARGE          QTRLY MIN BAL CHARGE
DR TRANSFER_OUT         UPI-RED LAMP STORE-x@ybl-SBIN0001234-412345678901-CHARGE
DR TRANSFER_OUT         UPI/412345678901/NAVIN KUMAR
DR EDUCATION            INB/NEFT/AXISN12345/SOME SCHOOL/ADMISSION FEE
CR INTEREST_CREDIT      123456789012:Int.Pd:01-01-2026 to 31-03-2026
DR CHEQUE_PAID          CHQ PAID-MICR CTS-RAMESH
CR CHEQUE_DEPOSIT       CLG/RAMESH/123456/HDF/04.05.2026
CR TRANSFER_IN          IMPS/P2A/412345678901/RAMESH/HDFC
"""


@pytest.mark.parametrize("line", CATEGORIES.strip().splitlines())
def test_categories(line: str):
    side, category, narration = line.split(maxsplit=2)
    assert tags(side, narration)["category"] == category


@pytest.mark.parametrize(
    ("narration", "name"),
    [
        ("NEFT CR-HDFC0000001-BLUE KITE PVT LTD-ASHA VERMA-123", "BLUE KITE PVT LTD"),
        ("BY TRANSFER-NEFT*SBIN0001234*UTR12345*BLUE KITE LTD-", "BLUE KITE LTD"),
        ("UPI-RAVI KUMAR-ravi.k@okaxis-SBIN0001234-412345678901-UPI", "RAVI KUMAR"),
        ("SALARY CREDIT - BLUE KITE - MAY", "BLUE KITE"),
        ("MMT/IMPS/412345678901/RAVI KUMAR/SBIN0001234", "RAVI KUMAR"),
        ("BY TRANSFER-INB SALARY-", None),
    ],
)
def test_counterparties(narration: str, name: str | None):
    assert tags("CR", narration)["counterparty"] == name


def test_a_name_is_given_its_canonical_spelling():
    assert tags("DR", "ACH D- TATACAPITALLTD-99")["lender"] == "Tata Capital"


def test_a_name_does_not_match_inside_another_word():
    assert tags("DR", "UPI/412345678901/SIMPLICITY STORES")["payday_lender"] is None


def test_why_it_bounced():
    assert tags("CR", "ACH D RETURN-FUNDS INSUFFICIENT")["reason"] == "INSUFFICIENT_FUNDS"
    assert tags("CR", "ACH D RETURN 123")["reason"] == "UNSTATED"


def edited(change: dict[str, Any]) -> Patterns:
    with PATTERN_FILE.open(encoding="utf-8") as stream:
        file = deepcopy(yaml.safe_load(stream))
    file["categories"].insert(0, change)
    return read_patterns(file)


def test_an_added_category_takes_effect():
    patterns = edited({"id": "CHARITY", "side": "DR", "any": ["AKSHAYA PATRA*"], "none": ["REFUND"]})
    assert tags("DR", "UPI/412345678901/AKSHAYAPATRA/DONATION", patterns)["category"] == "CHARITY"
    assert tags("DR", "UPI/AKSHAYA PATRA/REFUND", patterns)["category"] != "CHARITY"


@pytest.mark.parametrize(
    "change",
    [
        {"id": "X", "when": ["A"]},
        {"id": "X", "name": "nobody"},
        {"id": "X", "any": ["A <nothing>"]},
    ],
)
def test_a_mistake_in_the_file_is_named(change: dict[str, Any]):
    with pytest.raises(PatternFileError):
        edited(change)


def test_every_transaction_gets_a_category():
    file = yaml.safe_load(PATTERN_FILE.read_text(encoding="utf-8"))
    file["categories"] = file["categories"][:-1]
    with pytest.raises(PatternFileError, match="remaining DR"):
        read_patterns(file)


@pytest.mark.parametrize(
    ("phrase", "text", "matches"),
    [
        ("ACH RTN CHG", "ACH RTN CHG 1", True),
        ("ACH RTN CHG", "9ACHRTNCHG9", True),
        ("ACH RTN CHG", "ACH RTN CHGS", False),
        ("ACH RTN CHG*", "ACH/RTN-CHGSINCLGST", True),
        ("EMI #", "EMI 778", True),
        ("EMI #", "PREMI 778", False),
        ("EMI ... RTN", "EMI OF MAY RTN", True),
        ("EMI ... RTN", "EMI PARTNER", False),
        ("SAL <month>", "SALJUNE26", True),
    ],
)
def test_what_a_phrase_matches(phrase: str, text: str, matches: bool):
    patterns = edited({"id": "PROBE", "any": [phrase]})
    assert (tags("DR", text, patterns)["category"] == "PROBE") is matches


def test_a_reference_number_changes_no_tag():
    """Narrations are tagged by their shape, in which long numbers are equal."""
    for name in ("seen", "unseen"):
        book = pl.read_csv(FOLDER / f"{name}.csv", infer_schema=False).select("side", "narration")
        rows = book.with_columns(text=clean_text(pl.col("narration"))).lazy()
        by_text = _tags(rows, PATTERNS).collect()
        by_shape = _tags(rows.with_columns(text=_shape(pl.col("text"))), PATTERNS).collect()
        tags = ["channel", "category", "party"]
        assert by_text.select(tags).equals(by_shape.select(tags))
