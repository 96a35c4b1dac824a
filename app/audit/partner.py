"""Reading the audit trail."""

import marshmallow as ma
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.audit import AuditEvent
from app.core.http import PageArgs, Schema, page_of, paginate
from app.staff.permissions import Permission

blp = Blueprint("audit", __name__, description="Who did what, when")


class AuditArgs(PageArgs):
    entity_id = ma.fields.UUID(load_default=None)
    action = ma.fields.String(load_default=None)


class AuditEventOut(Schema):
    id = ma.fields.UUID()
    created_at = ma.fields.AwareDateTime()
    actor_id = ma.fields.String()
    actor_role = ma.fields.String()
    action = ma.fields.String()
    entity = ma.fields.String()
    entity_id = ma.fields.UUID(allow_none=True)
    before = ma.fields.Dict(allow_none=True)
    after = ma.fields.Dict(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    request_id = ma.fields.String(allow_none=True)
    ip = ma.fields.String(allow_none=True)


@blp.route("/partner/brand/<brand_id>/audit")
class AuditTrail(MethodView):
    @staff(Permission.AUDIT_VIEW)
    @blp.arguments(AuditArgs, location="query")
    @blp.response(200, page_of(AuditEventOut))
    def get(self, args):
        """Events of this brand, newest first, of one record or one kind."""
        wanted = {name: args[name] for name in ("entity_id", "action") if args[name]}
        query = AuditEvent.select()
        return paginate(
            query.filter(**wanted) if wanted else query, args, {"createdAt": AuditEvent.created_at}
        )
