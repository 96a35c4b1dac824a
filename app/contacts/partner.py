"""Who may be contacted, in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.contacts import service
from app.contacts.models import ContactAttempt
from app.contacts.schemas import BreachArgs, BreachOut, ContactOut, NoContactIn, NoContactOut
from app.core.http import page_of, paginate
from app.staff.permissions import Permission

blp = Blueprint(
    "partner-contacts", __name__, description="When and how a customer may be contacted about a debt"
)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/contact")
class Contact(MethodView):
    @staff(Permission.CONTACT_VIEW)
    @blp.response(200, ContactOut)
    def get(self, customer_id):
        """For each channel whether the customer may be contacted on it now; if not, by which rule and from when on."""
        return service.standing(customer_id)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/no-contact")
class NoContactList(MethodView):
    @staff(Permission.CONTACT_RESTRICT)
    @blp.arguments(NoContactIn)
    @blp.response(201, NoContactOut)
    def post(self, body, customer_id):
        """Put the customer on the no-contact list, for some channels and days or for good."""
        return service.list_customer(customer_id, **body)


@blp.route("/partner/brand/<brand_id>/no-contact/<uuid:no_contact_id>/end")
class NoContactEnd(MethodView):
    @staff(Permission.CONTACT_RESTRICT)
    @blp.response(200, NoContactOut)
    def post(self, no_contact_id):
        """Take an entry off the list before its last day."""
        return service.unlist(no_contact_id)


@blp.route("/partner/brand/<brand_id>/contacts/breaches")
class Breaches(MethodView):
    @staff(Permission.CONTACT_BREACHES)
    @blp.arguments(BreachArgs, location="query")
    @blp.response(200, page_of(BreachOut))
    def get(self, args):
        """Contacts that were told of afterwards and broke a rule, newest first."""
        return paginate(service.breaches(args), args, {"madeAt": ContactAttempt.made_at})
