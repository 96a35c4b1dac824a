"""`GET /settings/brand`: what the portal loads after login."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import anyone, staff
from app.brands import service
from app.brands.schemas import BrandOut
from app.staff.permissions import Permission

blp = Blueprint("brands", __name__, description="The brand and its settings")


@blp.route("/settings/brand")
class PortalBrand(MethodView):
    @staff(Permission.DASHBOARD_VIEW)
    @blp.response(200, BrandOut)
    def get(self):
        """Settings of the brand in X-Brand-Id (or the only brand of this user)."""
        return service.describe()


@blp.route("/web/brand")
class AppBrand(MethodView):
    @anyone
    @blp.response(
        200, BrandOut(exclude=("settings.providers", "settings.bureau_policy", "settings.city_tiers"))
    )
    def get(self):
        """What the customer app shows before anybody signs in: logo, theme, limits, lender."""
        return service.describe()
