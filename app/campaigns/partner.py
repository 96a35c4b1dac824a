"""Campaigns: one reminder to everybody on a list."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.campaigns import audience, service
from app.campaigns.schemas import (
    AudienceIn,
    CampaignDryRunOut,
    CampaignIn,
    CampaignListArgs,
    CampaignOut,
    CampaignStopIn,
)
from app.core.http import page_of
from app.staff.permissions import Permission

blp = Blueprint("campaigns", __name__, description="One reminder to everybody on a list")
_ALL = "/partner/brand/<brand_id>/campaigns"
_ONE = f"{_ALL}/<uuid:campaign_id>"


@blp.route(_ALL)
class Campaigns(MethodView):
    @staff(Permission.CAMPAIGNS)
    @blp.arguments(CampaignListArgs, location="query")
    @blp.response(200, page_of(CampaignOut))
    def get(self, args):
        """Campaigns and how far each is, newest first."""
        return service.page(args)

    @staff(Permission.CAMPAIGNS)
    @blp.arguments(CampaignIn)
    @blp.response(201, CampaignOut)
    def post(self, body):
        """A draft; nobody is told anything before it is started."""
        return service.create(**body)


@blp.route(f"{_ALL}/dry-run")
class DryRun(MethodView):
    @staff(Permission.CAMPAIGNS)
    @blp.arguments(AudienceIn)
    @blp.response(200, CampaignDryRunOut)
    def post(self, body):
        """How many would be told, why others would not, what it costs, and what some would read."""
        return audience.tried(**body)


@blp.route(_ONE)
class OneCampaign(MethodView):
    @staff(Permission.CAMPAIGNS)
    @blp.response(200, CampaignOut)
    def get(self, campaign_id):
        """A campaign, and how far it is."""
        return service.get(campaign_id)


@blp.route(f"{_ONE}/start")
class Start(MethodView):
    @staff(Permission.CAMPAIGNS)
    @blp.response(202, CampaignOut)
    def post(self, campaign_id):
        """Tell everybody who is on the list now, as who starts it sees it. 409 if it began before."""
        return service.start(campaign_id)


@blp.route(f"{_ONE}/pause")
class Pause(MethodView):
    @staff(Permission.CAMPAIGNS)
    @blp.response(200, CampaignOut)
    def post(self, campaign_id):
        """Tell nobody else until it goes on."""
        return service.pause(campaign_id)


@blp.route(f"{_ONE}/resume")
class Resume(MethodView):
    @staff(Permission.CAMPAIGNS)
    @blp.response(200, CampaignOut)
    def post(self, campaign_id):
        """Go on with those who were not told yet."""
        return service.go_on(campaign_id)


@blp.route(f"{_ONE}/stop")
class Stop(MethodView):
    @staff(Permission.CAMPAIGNS)
    @blp.arguments(CampaignStopIn)
    @blp.response(200, CampaignOut)
    def post(self, body, campaign_id):
        """Tell nobody else, ever."""
        return service.stop(campaign_id, **body)
