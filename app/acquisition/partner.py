"""Attribution and affiliates in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.acquisition import service
from app.acquisition.models import Affiliate
from app.acquisition.schemas import (
    AffiliateArgs,
    AffiliateChangeIn,
    AffiliateIn,
    AffiliateOut,
    AttributionOut,
    SummaryArgs,
    SummaryOut,
)
from app.core.http import page_of, paginate
from app.customers import service as customers
from app.staff.permissions import Permission

blp = Blueprint("partner-acquisition", __name__, description="Channels, attribution and affiliates")

SORTABLE = {"createdAt": Affiliate.created_at, "name": Affiliate.name, "code": Affiliate.code}


@blp.route("/partner/brand/<brand_id>/acquisition")
class Summary(MethodView):
    @staff(Permission.ACQUISITION_VIEW)
    @blp.arguments(SummaryArgs, location="query")
    @blp.response(200, SummaryOut(many=True))
    def get(self, args):
        """Visits and the customers they made, by channel, source, campaign, platform, domain or affiliate."""
        return service.summary(**args)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/attribution")
class Attribution(MethodView):
    @staff(Permission.ACQUISITION_VIEW)
    @blp.response(200, AttributionOut)
    def get(self, customer_id):
        """What brought a customer first and last."""
        return service.attribution(customers.get(customer_id).id)


@blp.route("/partner/brand/<brand_id>/affiliates")
class Affiliates(MethodView):
    @staff(Permission.ACQUISITION_VIEW)
    @blp.arguments(AffiliateArgs, location="query")
    @blp.response(200, page_of(AffiliateOut))
    def get(self, args):
        """The affiliates of the brand."""
        return paginate(service.affiliates(args["search"]), args, SORTABLE)

    @staff(Permission.AFFILIATES_EDIT)
    @blp.arguments(AffiliateIn)
    @blp.response(201, AffiliateOut)
    def post(self, body):
        """Add an affiliate: how its visits are known, and what it is paid."""
        return service.add_affiliate(**body)


@blp.route("/partner/brand/<brand_id>/affiliates/<uuid:affiliate_id>")
class OneAffiliate(MethodView):
    @staff(Permission.ACQUISITION_VIEW)
    @blp.response(200, AffiliateOut)
    def get(self, affiliate_id):
        """One affiliate."""
        return service.affiliate(affiliate_id)

    @staff(Permission.AFFILIATES_EDIT)
    @blp.arguments(AffiliateChangeIn)
    @blp.response(200, AffiliateOut)
    def patch(self, body, affiliate_id):
        """Change an affiliate; visits that were counted stay."""
        return service.change_affiliate(affiliate_id, **body)
