"""`GET /settings/brand`, what the portal loads after login, and how settings change."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import anyone, staff
from app.brands import history, service
from app.brands.models import BrandSettingsVersion
from app.brands.schemas import (
    BrandOut,
    FeatureOut,
    SettingChange,
    SettingsChangeIn,
    SettingsDiffArgs,
    SettingsRemarkIn,
    SettingsVersionFullOut,
    SettingsVersionOut,
)
from app.core.http import PageArgs, page_of, paginate
from app.staff.permissions import Permission

blp = Blueprint("brands", __name__, description="The brand and its settings")
PATH = "/settings/brand"
VERSION = f"{PATH}/versions/<uuid:settings_id>"
NOT_FOR_CUSTOMERS = tuple(
    f"settings.{name}" for name in ("origins", "providers", "bureau_policy", "city_tiers", "templates")
)


@blp.route(PATH)
class PortalBrand(MethodView):
    @staff(Permission.DASHBOARD_VIEW)
    @blp.etag
    @blp.response(200, BrandOut)
    def get(self):
        """Settings of the brand in X-Brand-Id (or the only brand of this user)."""
        return service.describe()

    @staff(Permission.SETTINGS_EDIT)
    @blp.etag
    @blp.arguments(SettingsChangeIn)
    @blp.response(200, BrandOut)
    def patch(self, body):
        """Change settings, now or from an instant on. If-Match is the ETag of what was read."""
        history.lock()
        blp.check_etag(service.describe(), BrandOut)
        history.change(**body)
        return service.describe()


@blp.route(f"{PATH}/features")
class Features(MethodView):
    @staff(Permission.SETTINGS_VIEW)
    @blp.response(200, FeatureOut(many=True))
    def get(self):
        """Every switch there is, what it means, and how it stands."""
        return service.features()


@blp.route(f"{PATH}/versions")
class SettingsVersions(MethodView):
    @staff(Permission.SETTINGS_VIEW)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(SettingsVersionOut))
    def get(self, args):
        """Every version of the settings with what changed, newest first."""
        page = paginate(history.search(), args, {"number": BrandSettingsVersion.number})
        return page | {"items": history.with_status(page["items"])}


@blp.route(f"{PATH}/diff")
class SettingsDiff(MethodView):
    @staff(Permission.SETTINGS_VIEW)
    @blp.arguments(SettingsDiffArgs, location="query")
    @blp.response(200, SettingChange(many=True))
    def get(self, args):
        """What differs between two versions, by their numbers."""
        return history.between(**args)


@blp.route(VERSION)
class SettingsVersion(MethodView):
    @staff(Permission.SETTINGS_VIEW)
    @blp.response(200, SettingsVersionFullOut)
    def get(self, settings_id):
        """One version with its settings."""
        return history.get(settings_id)


@blp.route(f"{VERSION}/roll-back")
class SettingsRollBack(MethodView):
    @staff(Permission.SETTINGS_EDIT)
    @blp.arguments(SettingsRemarkIn)
    @blp.response(200, BrandOut)
    def post(self, body, settings_id):
        """Put the settings of a version in force again, at once."""
        history.roll_back(settings_id, **body)
        return service.describe()


@blp.route("/web/brand")
class AppBrand(MethodView):
    @anyone
    @blp.response(200, BrandOut(exclude=NOT_FOR_CUSTOMERS))
    def get(self):
        """What the customer app shows before anybody signs in: logo, theme, limits, rates, lender."""
        return service.describe()
