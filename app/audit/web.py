"""The customer app: who looked at my data."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.audit import service
from app.audit.schemas import AccessOut
from app.core.http import PageArgs, page_of, paginate

blp = Blueprint("access-log", __name__, description="Who looked at a customer's data")


@blp.route("/web/privacy/access-log")
class AccessLog(MethodView):
    @customer
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(AccessOut))
    def get(self, args, customer_id):
        """When staff looked at the customer's data or changed it, newest first."""
        return paginate(service.about(customer_id), args, {"createdAt": service.SORTABLE["createdAt"]})
