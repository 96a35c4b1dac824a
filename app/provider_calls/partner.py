"""Providers in the portal: health, calls, costs, prices."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of
from app.provider_calls import service
from app.provider_calls.schemas import (
    CallArgs,
    CallDetailOut,
    CallOut,
    CostArgs,
    CostOut,
    PriceIn,
    PriceOut,
    ProviderOut,
)
from app.staff.permissions import Permission

blp = Blueprint("providers", __name__, description="The external APIs: how they are and what they cost")


@blp.route("/partner/brand/<brand_id>/providers")
class Providers(MethodView):
    @staff(Permission.PROVIDERS_VIEW)
    @blp.response(200, ProviderOut(many=True))
    def get(self):
        """Every provider in use: circuit, last success and failure, error rate, latency, cost of today."""
        return service.status()


@blp.route("/partner/brand/<brand_id>/providers/calls")
class Calls(MethodView):
    @staff(Permission.PROVIDERS_VIEW)
    @blp.arguments(CallArgs, location="query")
    @blp.response(200, page_of(CallOut))
    def get(self, args):
        """Calls of providers, newest first."""
        return service.calls(args)


@blp.route("/partner/brand/<brand_id>/providers/calls/<uuid:call_id>")
class Call(MethodView):
    @staff(Permission.PROVIDERS_VIEW)
    @blp.response(200, CallDetailOut)
    def get(self, call_id):
        """One call with what was sent and answered, masked."""
        return service.call(call_id)


@blp.route("/partner/brand/<brand_id>/providers/costs")
class Costs(MethodView):
    @staff(Permission.PROVIDERS_VIEW)
    @blp.arguments(CostArgs, location="query")
    @blp.response(200, CostOut(many=True))
    def get(self, args):
        """What providers cost, by day."""
        return service.costs(**args)


@blp.route("/partner/brand/<brand_id>/providers/prices")
class Prices(MethodView):
    @staff(Permission.PROVIDERS_VIEW)
    @blp.response(200, PriceOut(many=True))
    def get(self):
        """What each operation costs a call, and from when on."""
        return service.prices()

    @staff(Permission.PROVIDER_PRICE_SET)
    @blp.arguments(PriceIn)
    @blp.response(201, PriceOut)
    def post(self, body):
        """Set the price of an operation from a day on."""
        return service.set_price(**body)
