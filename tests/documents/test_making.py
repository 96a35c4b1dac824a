"""Documents of a loan as staff make them: versions, previews, and what a loan is in no state for."""

from app.core.clock import today
from app.core.identity import Role
from app.core.outbox import enqueue
from app.documents import papers
from app.ledger import service as ledger
from app.loans import service as loans
from tests.lending import Case, active, approved, at_work
from tests.platform import OTHER_BRAND, Platform


def made(case: Case, kind: str) -> list[dict]:
    documents = case.staff.get(f"/loans/{case.loan_id}/documents")
    return [document for document in documents if document["kind"] == kind]


def make(case: Case, expect: int = 201, **body: str) -> dict:
    return case.staff.post(f"/loans/{case.loan_id}/papers", json=body, expect=expect)


def overdue(platform: Platform) -> Case:
    case = active(platform, days_ago=40)
    with at_work():
        loans.move(case.loan_id, "OVERDUE")
    return case


def test_a_document_made_anew_is_another_version(platform: Platform):
    case = approved(platform)
    number = case.loan["loanNo"]
    first = make(case, kind="SANCTION_LETTER")
    second = make(case, kind="SANCTION_LETTER", language="hi")
    assert (first["version"], first["language"], first["number"]) == (1, "en", f"{number}/SL/1")
    assert (second["version"], second["language"], second["number"]) == (2, "hi", f"{number}/SL/2")
    assert [each["version"] for each in made(case, "SANCTION_LETTER")] == [1, 2]
    for each in (first, second):
        data = case.app.get(f"/web/loans/{case.loan_id}/documents/{each['id']}/file")
        assert data.startswith(b"%PDF-")


def test_the_same_is_not_made_twice_by_jobs(platform: Platform):
    case = approved(platform)
    with at_work():
        loan = loans.get(case.loan_id)
        assert papers.make(loan, "KFS").id == papers.make(loan, "KFS").id


def test_what_can_be_made_is_told_with_its_newest_version(platform: Platform):
    case = approved(platform)
    told = {each["kind"]: each for each in case.staff.get(f"/loans/{case.loan_id}/papers")}
    assert set(told) == set(papers.PAPERS)
    assert (told["KFS"]["canBeMade"], told["NOC"]["canBeMade"]) == (True, False)
    assert (told["KFS"]["latest"]["version"], told["NOC"]["latest"]) == (1, None)


def test_a_preview_is_kept_nowhere(platform: Platform):
    case = approved(platform)
    for language in ("en", "hi"):
        path = f"/loans/{case.loan_id}/papers/preview?kind=LOAN_AGREEMENT&language={language}"
        assert case.staff.get(path).startswith(b"%PDF-")
    assert made(case, "LOAN_AGREEMENT") == []


def test_a_loan_in_no_state_for_it_has_none(platform: Platform):
    case = approved(platform)
    assert make(case, expect=409, kind="NOC")["error"]["code"] == "DOCUMENT_NOT_DUE"
    case.staff.get(f"/loans/{case.loan_id}/papers/preview?kind=NDC", expect=409)
    case.staff.post(f"/loans/{case.loan_id}/demand-notice", json={}, expect=409)
    make(case, expect=422, kind="DEMAND_NOTICE")
    make(case, expect=422, kind="KFS", language="ta")


def test_both_certificates_are_there_when_a_loan_closes(platform: Platform):
    case = active(platform)
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, loan.sanctioned_amount, today(), f"{loan.loan_no}:pay")
        loans.move(case.loan_id, "PAID")
        enqueue("closure.close_loan", loan_id=case.loan_id)
    platform.drain()
    assert [len(made(case, kind)) for kind in ("NOC", "NDC")] == [1, 1]
    assert make(case, kind="NDC", language="hi")["version"] == 2


def test_a_demand_notice_is_made_and_mailed_by_those_who_collect(platform: Platform):
    case = overdue(platform)
    collector = platform.staff(Role.COLLECTION_EXECUTIVE)
    notice = collector.post(f"/loans/{case.loan_id}/demand-notice", json={"language": "hi"}, expect=201)
    assert (notice["kind"], notice["language"]) == ("DEMAND_NOTICE", "hi")
    platform.drain()
    mails = case.app.sandbox.messages(f"{case.customer_id}@mail.example")
    assert any(mail["subject"].startswith("Demand notice") and mail["attachments"] for mail in mails)


def test_who_may_not_make_it_does_not(platform: Platform):
    case = overdue(platform)
    path = f"/loans/{case.loan_id}"
    platform.staff(Role.CREDIT_EXECUTIVE).post(f"{path}/demand-notice", json={}, expect=403)
    body = {"kind": "REPAYMENT_SCHEDULE"}
    platform.staff(Role.COLLECTION_EXECUTIVE).post(f"{path}/papers", json=body, expect=403)
    platform.staff(Role.ADMIN, OTHER_BRAND).post(f"{path}/papers", json=body, expect=404)
    platform.staff(Role.ADMIN, OTHER_BRAND).get(f"{path}/papers", expect=404)
