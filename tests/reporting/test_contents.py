"""What the three reports say of a loan that went from sign-up to closure."""

import csv
import io
from decimal import Decimal

from tests.reporting.conftest import Desk
from tests.stages import Stages


def row_of(rows, stages: Stages, key: str = "loanNo"):
    (found,) = [row for row in rows if stages.loan["loanNo"] in (row[key] or "")]
    return found


def test_master(admin: Desk, closed: Stages):
    row = row_of(admin.rows("master-report"), closed, "loanNos")
    person = closed.app.person
    assert row["customerName"] == person["name"]
    assert row["mobile"] == person["phone"][:2] + "xxxxxx" + person["phone"][-2:]
    assert row["pan"] == closed.pan[:3] + "xxxxx" + closed.pan[-2:]
    assert row["aadhaarMasked"] == "XXXXXXXX" + person["aadhaar"][-4:]
    assert row["dob"] == row["aadhaarDob"]
    assert (row["panVerified"], row["aadhaarVerified"], row["pennyDropped"]) == (True, True, True)
    assert (row["panUploaded"], row["bsaDone"], row["bureauCheck"]) == (True, True, "DONE")
    assert row["loanStatuses"] == "COMPLETED"
    assert row["loanStatusHistory"].startswith(
        f"{closed.loan['loanNo']}: APPLIED → CREDIT_EXECUTIVE_APPROVED → "
    )
    assert row["loanStatusHistory"].endswith(" → PAID → COMPLETED")
    assert (row["customerType"], row["dedupeCheck"], row["onboardingStep"]) == ("NEW", "CLEAR", 6)
    assert row["marketingSource"] == "google"
    assert (row["accountType"], row["branchName"]) == ("SAVINGS", "BANER PUNE")
    assert all(
        row[name] for name in ("residenceCity", "residenceState", "residencePincode", "residenceAddress")
    )
    assert all(row[name] for name in ("companyName", "workingSince", "averageSalary", "creditScore", "ifsc"))
    assert all(row[name] for name in ("salaryDate1", "salaryAmount1", "eligibleLoan", "loanRecommended"))
    assert all(
        row[name] for name in ("sanctionEmailSentOn", "acceptanceEmail", "disbursedBy", "creditExecutive")
    )


def test_disbursed(admin: Desk, closed: Stages):
    row = row_of(admin.rows("disbursed-loan-report"), closed)
    loan = closed.world.admin.get(f"/loans/{closed.id}")
    (payout,) = closed.world.admin.get(f"/loans/{closed.id}/payouts")
    assert (row["utr"], row["netDisbursedAmount"]) == (payout["utr"], payout["amount"])
    assert (row["sanctionedAmount"], row["repaymentAmount"]) == (
        loan["sanctionedAmount"],
        loan["repaymentAmount"],
    )
    assert (row["status"], row["freshRepeat"], row["taxType"]) == ("COMPLETED", "FRESH", "EXCLUSIVE")
    assert row["beneficiaryAccountNo"].startswith("XXXX")
    assert all(
        row[name] for name in ("creditManager", "sanctionedBy", "processedBy", "disbursalTat", "aprPct")
    )


def test_what_was_paid_out_adds_up_in_every_row(admin: Desk, closed: Stages):
    for row in admin.rows("disbursed-loan-report"):
        money = {
            name: Decimal(row[name]) for name in row if name.endswith("Amount") or name == "processingFee"
        }
        left = money["sanctionedAmount"] - money["processingFee"] - money["gstAmount"]
        assert money["netDisbursedAmount"] == left
        assert money["repaymentAmount"] == money["sanctionedAmount"] + money["interestAmount"]


def test_collections(admin: Desk, closed: Stages):
    row = row_of(admin.rows("collection-loan-report"), closed)
    (payment,) = admin.platform.sql(
        "SELECT amount::text, reference FROM payment_collection_transaction WHERE loan_id = %s", closed.id
    )
    assert (row["paidAmount"], row["paymentReference"]) == payment
    assert (row["collectionStatus"], row["status"], row["paymentMode"]) == ("PRE-CLOSED", "COMPLETED", "UPI")
    assert (row["createdBy"], row["approvedBy"], row["penaltyDiscount"]) == ("CUSTOMER", "RAZORPAY", "0.00")


def test_a_payment_is_the_sum_of_its_parts(admin: Desk, closed: Stages):
    parts = ("principalReceived", "interestReceived", "penaltyReceived", "excessAmount")
    # of those that the ledger has and kept: other tests write payments alone, or take them back
    ours = """
        SELECT coalesce(t.reference, t.provider_payment_id) FROM payment_collection_transaction t
        JOIN journal_entry e ON e.reference = t.provider_payment_id AND e.kind IN ('PAYMENT', 'FORECLOSURE')
        WHERE NOT EXISTS (SELECT FROM journal_entry r WHERE r.kind = 'REVERSAL'
          AND r.facts ->> 'of_reference' = t.provider_payment_id)
        AND NOT EXISTS (SELECT FROM payment_collection_transaction o WHERE o.id <> t.id AND o.reference = t.reference)
    """
    booked = {row[0] for row in admin.platform.sql(ours)}
    rows = [row for row in admin.rows("collection-loan-report") if row["paymentReference"] in booked]
    assert rows
    for row in rows:
        assert Decimal(row["paidAmount"]) == sum(Decimal(row[part]) for part in parts)


def test_collections_tie_to_the_ledger(admin: Desk, closed: Stages):
    row = row_of(admin.rows("collection-loan-report"), closed)
    booked = dict(
        admin.platform.sql(
            "SELECT account, abs(sum(j.debit - j.credit))::text FROM journal_line j JOIN journal_entry e"
            " ON e.id = j.entry_id WHERE e.loan_id = %s AND e.kind = 'PAYMENT' GROUP BY 1",
            closed.id,
        )
    )
    assert (row["paidAmount"], row["principalReceived"]) == (booked["COLLECTION"], booked["PRINCIPAL"])
    # repaid on the day of the credit: no interest is owed
    assert row["interestReceived"] == booked.get("INTEREST_RECEIVABLE", "0.00")


def test_the_totals_are_the_sums_of_the_rows(admin: Desk, closed: Stages):
    run = admin.produced("collection-loan-report")
    rows = admin.rows_of(run)
    for name in ("paidAmount", "principalReceived", "interestReceived", "excessAmount"):
        assert Decimal(run["totals"][name]) == sum(Decimal(row[name]) for row in rows)
    assert sum(run["totals"]["countByMode"].values()) == run["totals"]["count"] == len(rows)


def test_the_file_and_the_rows_say_the_same(admin: Desk, closed: Stages):
    run = admin.produced("disbursed-loan-report")
    asked, rows = {"runId": run["runId"]}, admin.rows_of(run)
    text = admin.portal.get("/report/disbursed-loan-report/download", params=asked).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [line["loan_no"] for line in lines] == [row["loanNo"] for row in rows]
    assert [line["sanctioned_amount"] for line in lines] == [row["sanctionedAmount"] for row in rows]


def test_unmasked_for_those_who_may(admin: Desk, closed: Stages):
    run = admin.produced("master-report", unmasked="true")
    row = row_of(admin.rows_of(run), closed, "loanNos")
    assert (row["pan"], row["mobile"]) == (closed.pan, closed.app.person["phone"])


def test_the_other_brands_book_is_not_in_it(platform, closed: Stages):
    stranger = Desk(platform, platform.staff(brand_id="paisapop"))
    assert closed.loan["loanNo"] not in str(stranger.rows("master-report"))


def test_the_way_through_the_funnel(admin: Desk, closed: Stages):
    steps = {row["step"]: row["customers"] for row in admin.rows("funnel-report", groupBy="all")}
    names = ("APPLIED", "DECIDED", "PASSED", "SANCTIONED", "ACCEPTED", "SIGNED", "DISBURSED")
    counts = [steps[name] for name in names]
    assert counts == sorted(counts, reverse=True)
    accepted = admin.platform.sql("SELECT count(*) FROM kfs_acceptance WHERE loan_id = %s", closed.id)
    assert accepted == [(1,)]
    assert steps["ACCEPTED"] >= 1
