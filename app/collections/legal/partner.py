"""Legal notices in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.collections.legal import notices as legal
from app.collections.legal.schemas import (
    DispatchIn,
    LegalNoticeArgs,
    LegalNoticeIn,
    LegalNoticeOut,
    NoticeEndIn,
)
from app.collections.models import LegalNotice
from app.collections.schemas import WhyIn
from app.core.http import page_of, paginate
from app.staff.permissions import Permission

blp = Blueprint("partner-legal", __name__, description="Legal notices, from the PDF to the customer's door")
_ONE = "/partner/brand/<brand_id>/legal-notices/<uuid:legal_notice_id>"


@blp.route("/partner/brand/<brand_id>/collections/legal-notices")
class Notices(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(LegalNoticeArgs, location="query")
    @blp.response(200, page_of(LegalNoticeOut))
    def get(self, args):
        """Legal notices and how each went, newest first."""
        sortable = {"createdAt": LegalNotice.created_at, "payBy": LegalNotice.pay_by}
        return paginate(legal.search(args), args, sortable)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/legal-notices")
class Issue(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(LegalNoticeIn)
    @blp.response(201, LegalNoticeOut)
    def post(self, body, loan_id):
        """Make a legal notice as PDF and mail it to the customer."""
        return legal.issue(loan_id, **body)


@blp.route(f"{_ONE}/dispatch")
class Dispatch(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(DispatchIn)
    @blp.response(200, LegalNoticeOut)
    def post(self, body, legal_notice_id):
        """The paper left: with whom, under which number, and when."""
        return legal.dispatch(legal_notice_id, **body)


@blp.route(f"{_ONE}/end")
class End(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(NoticeEndIn)
    @blp.response(200, LegalNoticeOut)
    def post(self, body, legal_notice_id):
        """The carrier delivered it, or brought it back."""
        return legal.end(legal_notice_id, **body)


@blp.route(f"{_ONE}/withdraw")
class Withdraw(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(WhyIn)
    @blp.response(200, LegalNoticeOut)
    def post(self, body, legal_notice_id):
        """The paper is not sent, with the reason."""
        return legal.withdraw(legal_notice_id, **body)
