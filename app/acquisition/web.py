"""The pages of a brand tell of visits."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import anyone
from app.acquisition import service
from app.acquisition.schemas import ClickIn, ClickOut

blp = Blueprint("acquisition", __name__, description="Where customers come from")


@blp.route("/web/clicks")
class Clicks(MethodView):
    @anyone
    @blp.arguments(ClickIn)
    @blp.response(201, ClickOut)
    def post(self, body):
        """Somebody came: by which link, to which page. The id goes along with the phone at registration."""
        return service.visit(body)
