"""Templates of messages in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import StateChangeOut, page_of
from app.messaging.schemas import MessageRemarkIn
from app.messaging.templates import service
from app.messaging.templates.schemas import (
    MessageEventOut,
    PreviewIn,
    PreviewOut,
    TemplateArgs,
    TemplateIn,
    TemplateOut,
    TestSendIn,
)
from app.staff.permissions import Permission

blp = Blueprint("message-templates", __name__, description="In which words customers are told")
TEMPLATES = "/partner/brand/<brand_id>/message-templates"
TEMPLATE = f"{TEMPLATES}/<uuid:template_id>"


@blp.route("/partner/brand/<brand_id>/message-events")
class Events(MethodView):
    @staff(Permission.TEMPLATES_VIEW)
    @blp.response(200, MessageEventOut(many=True))
    def get(self):
        """Every event that customers are told of: its variables and its standard words."""
        return service.events()


@blp.route(TEMPLATES)
class Templates(MethodView):
    @staff(Permission.TEMPLATES_VIEW)
    @blp.arguments(TemplateArgs, location="query")
    @blp.response(200, page_of(TemplateOut))
    def get(self, args):
        """Versions of the brand's templates, newest first."""
        return service.page(args)

    @staff(Permission.TEMPLATES_EDIT)
    @blp.arguments(TemplateIn)
    @blp.response(201, TemplateOut)
    def post(self, body):
        """Write the next version, as a draft."""
        return service.make(body)


@blp.route(TEMPLATE)
class OneTemplate(MethodView):
    @staff(Permission.TEMPLATES_VIEW)
    @blp.response(200, TemplateOut)
    def get(self, template_id):
        """One version."""
        return service.get(template_id)


@blp.route(f"{TEMPLATE}/history")
class TemplateHistory(MethodView):
    @staff(Permission.TEMPLATES_VIEW)
    @blp.response(200, StateChangeOut(many=True))
    def get(self, template_id):
        """When a version came into force and went out again, and by whom."""
        return service.steps(template_id)


@blp.route(f"{TEMPLATE}/activate")
class Activate(MethodView):
    @staff(Permission.TEMPLATES_EDIT)
    @blp.arguments(MessageRemarkIn)
    @blp.response(200, TemplateOut)
    def post(self, body, template_id):
        """Put a version in force, in place of the one that is."""
        return service.activate(template_id, **body)


@blp.route(f"{TEMPLATE}/retire")
class Retire(MethodView):
    @staff(Permission.TEMPLATES_EDIT)
    @blp.arguments(MessageRemarkIn)
    @blp.response(200, TemplateOut)
    def post(self, body, template_id):
        """Take a version out of force."""
        return service.retire(template_id, **body)


@blp.route(f"{TEMPLATE}/preview")
class Preview(MethodView):
    @staff(Permission.TEMPLATES_VIEW)
    @blp.arguments(PreviewIn)
    @blp.response(200, PreviewOut)
    def post(self, body, template_id):
        """What would be said, and in how many SMS."""
        return service.preview(template_id, **body)


@blp.route(f"{TEMPLATE}/test-send")
class TestSend(MethodView):
    @staff(Permission.TEMPLATES_EDIT)
    @blp.arguments(TestSendIn)
    @blp.response(202)
    def post(self, body, template_id):
        """Send it to yourself, or to a phone for tests; a notification says what came of it."""
        service.test_send(template_id, **body)
