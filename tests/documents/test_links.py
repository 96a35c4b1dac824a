"""Links to documents: short-lived, of one document, and each one that staff get is in the audit trail."""

import base64
import json

import pytest
import requests

from app.core import clock
from app.core.identity import Role
from app.documents import links
from app.documents.models import Document
from tests.documents.test_documents import PDF_BYTES, stored
from tests.lending import Case, approved, at_work
from tests.platform import OTHER_BRAND, Platform


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    return approved(platform)


@pytest.fixture(scope="module")
def document(case: Case) -> Document:
    return stored(case)


def path(case: Case, document: Document) -> str:
    return f"/loans/{case.loan_id}/documents/{document.id}/link"


def follow(url: str) -> requests.Response:
    return requests.get(url, timeout=10)


def linked(case: Case, document: Document) -> list[tuple]:
    find = "SELECT actor_id, subject_id FROM audit_event WHERE action = 'document.linked' AND entity_id = %s"
    return case.platform.sql(find, str(document.id))


def test_it_works(case: Case, document: Document):
    link = case.staff.post(path(case, document))
    answer = follow(link["url"])
    assert (answer.status_code, answer.content) == (200, PDF_BYTES)
    assert answer.headers["Content-Type"] == "application/pdf"


def test_it_is_saved_and_not_guessed_kept_or_shown(case: Case, document: Document):
    headers = follow(case.staff.post(path(case, document))["url"]).headers
    assert headers["Content-Disposition"] == f'attachment; filename="loan_agreement-{document.id}.pdf"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"


def test_each_one_that_staff_get_is_audited(case: Case):
    document = stored(case)
    for _ in range(2):
        case.staff.post(path(case, document))
    case.staff.post(f"/customers/{case.customer_id}/documents/{document.id}/link")
    assert linked(case, document) == [(case.staff.user["id"], case.customer_id)] * 3


def test_customers_get_their_own_without_an_event(case: Case):
    document = stored(case)
    for own in (f"/web{path(case, document)}", f"/web/kyc/documents/{document.id}/link"):
        assert follow(case.app.post(own)["url"]).content == PDF_BYTES
    assert linked(case, document) == []


def test_others_get_none(case: Case, document: Document):
    stranger = approved(case.platform)
    stranger.app.post(f"/web{path(case, document)}", expect=404)
    stranger.app.post(f"/web{path(stranger, document)}", expect=404)
    stranger.app.post(f"/web/kyc/documents/{document.id}/link", expect=404)
    case.platform.staff(Role.ADMIN, OTHER_BRAND).post(path(case, document), expect=404)


def test_a_list_gives_no_links(case: Case, document: Document):
    assert all("url" not in listed for listed in case.staff.get(f"/loans/{case.loan_id}/documents"))


def test_it_ends_after_five_minutes(case: Case, document: Document, monkeypatch: pytest.MonkeyPatch):
    with at_work():
        monkeypatch.setattr(links, "LIFE", -links.LIFE)
        ended = links.link(document).url
    refused = follow(ended)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "LINK_REFUSED")
    monkeypatch.undo()
    with at_work():
        left = links.link(document).expires_at - clock.now()
    assert left.total_seconds() <= 300


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_one_opens_nothing(case: Case, document: Document, part: int):
    url = case.staff.post(path(case, document))["url"]
    base, _, token = url.rpartition("/")
    parts = token.split(".")
    middle = len(parts[part]) // 2
    flipped = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + flipped + parts[part][middle + 1 :]
    assert follow(f"{base}/{'.'.join(parts)}").status_code == 403


def test_it_cannot_be_turned_to_another_document_or_left_unsigned(case: Case, document: Document):
    url = case.staff.post(path(case, document))["url"]
    base, _, token = url.rpartition("/")
    header, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(f"{body}=="))
    other = _encoded(claims | {"sub": str(stored(case).id)})
    assert follow(f"{base}/{header}.{other}.{signature}").status_code == 403
    assert follow(f"{base}/{_encoded({'alg': 'none', 'typ': 'JWT'})}.{body}.").status_code == 403


def _encoded(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_token_is_no_link_and_a_link_no_token(case: Case, document: Document):
    bearer = case.staff._headers["Authorization"].removeprefix("Bearer ")
    url = case.staff.post(path(case, document))["url"]
    base, _, link = url.rpartition("/")
    assert follow(f"{base}/{bearer}").status_code == 403
    me = f"{case.platform.api.base_url}/partner/me"
    assert requests.get(me, headers={"Authorization": f"Bearer {link}"}, timeout=10).status_code == 401
