"""CIBIL answers written by hand, small enough to read."""

from typing import Any


def cibil(
    *,
    score: str | None = "00742",
    accounts: list[dict[str, Any]] | None = None,
    enquiries: list[dict[str, Any]] | None = None,
    **header: Any,
) -> dict[str, Any]:
    """A consumer report processed on 18 April 2026."""
    return {
        "controlData": {"success": True},
        "consumerCreditData": [
            {
                "tuefHeader": {"subjectReturnCode": 1, "dateProcessed": "18042026", **header},
                "names": [{"index": "N01", "name": "MEERA IYER", "birthDate": "03021991"}],
                "ids": [{"index": "I01", "idType": "01", "idNumber": "ABCPI1234K"}],
                "telephones": [{"index": "T01", "telephoneNumber": "9000000099"}],
                "scores": [] if score is None else [{"scoreName": "CIBILTUSC3", "score": score}],
                "accounts": accounts or [],
                "enquiries": enquiries or [],
            }
        ],
    }


def account(index: str = "T001", **fields: Any) -> dict[str, Any]:
    """A live personal loan, paid on time since January 2026."""
    return {
        "index": index,
        "memberShortName": "NOT DISCLOSED",
        "accountType": "05",
        "ownershipIndicator": 1,
        "dateOpened": "12012025",
        "dateReported": "31032026",
        "highCreditAmount": 200000,
        "currentBalance": 120000,
        "paymentHistory": "000000000",
        "paymentStartDate": "01032026",
        "paymentEndDate": "01012026",
        "emiAmount": 6000,
        "paymentFrequency": "03",
        "paymentTenure": 36,
        **fields,
    }


def enquiry(day: str, purpose: str = "05") -> dict[str, Any]:
    return {
        "enquiryDate": day,
        "memberShortName": "NOT DISCLOSED",
        "enquiryPurpose": purpose,
        "enquiryAmount": 1,
    }
