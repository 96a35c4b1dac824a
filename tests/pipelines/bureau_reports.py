"""Bureau answers written by hand, small enough to read."""

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


def equifax(
    *accounts: dict[str, Any], score: str | None = "742", enquiries: tuple = (), **summary: str
) -> dict[str, Any]:
    """A CCR report of 18 April 2026."""
    data = {
        "IDAndContactInfo": {
            "PersonalInfo": {"Name": {"FullName": "MEERA IYER"}, "DateOfBirth": "1991-02-03"},
            "IdentityInfo": {"PANId": [{"seq": "1", "IdNumber": "ABCPI1234K"}]},
            "PhoneInfo": [{"seq": "1", "Number": "9000000099"}],
        },
        "ScoreDetails": [] if score is None else [{"Type": "ERS", "Version": "4.0", "Value": score}],
        "Enquiries": list(enquiries),
        "RetailAccountsSummary": summary,
        "RetailAccountDetails": list(accounts),
    }
    head = {"SuccessCode": "1", "Date": "2026-04-18", "ReportOrderNO": "77"}
    return {"InquiryResponseHeader": head, "CCRResponse": {"CIRReportDataLst": [{"CIRReportData": data}]}}


def equifax_account(seq: str = "1", *months: str, **fields: Any) -> dict[str, Any]:
    """A live personal loan; `months` are the statuses of March 2026 and before."""
    return {
        "seq": seq,
        "Institution": "FINANCE",
        "AccountType": "Personal Loan",
        "OwnershipType": "Individual",
        "Balance": "120000",
        "PastDueAmount": "0",
        "Open": "Yes",
        "SanctionAmount": "200000",
        "DateReported": "2026-03-31",
        "DateOpened": "2025-01-12",
        "InstallmentAmount": "6000",
        "TermFrequency": "Monthly",
        "RepaymentTenure": "36",
        "AccountStatus": "Current Account",
        "History48Months": [
            {"key": f"{(2 - back) % 12 + 1:02}-{26 + (2 - back) // 12}", "PaymentStatus": status}
            for back, status in enumerate(months)
        ],
        **fields,
    }


def crif(*tradelines: dict[str, Any], score: str | None = "742", status: str = "SUCCESS") -> dict[str, Any]:
    """A CIR PRO V2 report of 18 April 2026."""
    data = {
        "DEMOGS": {"VARIATIONS": [{"TYPE": "PAN-VARIATIONS", "VARIATION": [{"VALUE": "ABCPI1234K"}]}]},
        "TRADELINES": list(tradelines),
        "INQUIRY-HISTORY": [],
        "SCORE": [] if score is None else [{"NAME": "PERFORM CONSUMER 2.2", "VALUE": score}],
    }
    return {
        "CIR-REPORT-FILE": {
            "HEADER-SEGMENT": {"DATE-OF-ISSUE": "18-04-2026", "REPORT-ID": "R1", "STATUS": "SUCCESS"},
            "REQUEST-STATUS": [{"TYPE": "CIR", "STATUS": status, "ERRORS": []}],
            "REPORT-DATA": {"STANDARD-DATA": data},
        }
    }


def tradeline(
    dates: str = "Mar:2026|Feb:2026|", values: str = "000/STD|000/STD|", **fields: Any
) -> dict[str, Any]:
    """A live personal loan."""
    return {
        "CREDIT-GRANTOR": "XXXX",
        "ACCT-TYPE": "PERSONAL LOAN",
        "REPORTED-DT": "31-03-2026",
        "OWNERSHIP-TYPE": "Individual",
        "ACCOUNT-STATUS": "Active",
        "CLOSED-DT": "",
        "DISBURSED-AMT": "2,00,000",
        "DISBURSED-DT": "12-01-2025",
        "INSTALLMENT-AMT": "6,000/Monthly",
        "CURRENT-BAL": "1,20,000",
        "OVERDUE-AMT": "0",
        "HISTORY": [{"NAME": "COMBINED-PAYMENT-HISTORY", "DATES": dates, "VALUES": values}],
        "SECURITY-STATUS": "Un-Secured",
        "WRITTEN-OFF-SETTLED-STATUS": "",
        **fields,
    }


def experian(*accounts: dict[str, Any], score: str | None = "742") -> dict[str, Any]:
    """A report of 18 April 2026, bare."""
    return {
        "INProfileResponse": {
            "CreditProfileHeader": {"ReportDate": "20260418", "ReportNumber": "9"},
            "CAIS_Account": {"CAIS_Account_DETAILS": list(accounts)},
            "SCORE": {"BureauScore": score},
        }
    }


def cais(profile: str, **fields: Any) -> dict[str, Any]:
    """A live personal loan, reported in April 2026."""
    return {
        "Subscriber_Name": "BANK",
        "Account_Type": "05",
        "Open_Date": "20250112",
        "Date_Reported": "20260403",
        "Highest_Credit_or_Original_Loan_Amount": "200000",
        "Current_Balance": "120000",
        "Amount_Past_Due": "0",
        "Account_Status": "11",
        "AccountHoldertypeCode": "1",
        "Payment_History_Profile": profile,
        **fields,
    }
