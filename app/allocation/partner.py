"""Who works and worked on a loan."""

import marshmallow as ma
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.allocation import service
from app.core.http import Schema
from app.staff.permissions import Permission

blp = Blueprint("allocation", __name__, description="Who works on what")


class AllotmentOut(Schema):
    role = ma.fields.String()
    partner_user_id = ma.fields.UUID()
    name = ma.fields.String()
    is_active = ma.fields.Boolean()
    created_at = ma.fields.AwareDateTime()
    ended_at = ma.fields.AwareDateTime(allow_none=True)
    end_reason = ma.fields.String(allow_none=True)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/allotments")
class Allotments(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, AllotmentOut(many=True))
    def get(self, loan_id):
        """Everybody who worked on the loan, oldest first, with when and why it went to another."""
        return service.history(loan_id)
