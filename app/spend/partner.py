"""What advertising costs, in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.spend import service
from app.spend.models import MarketingSpend
from app.spend.schemas import SpendArgs, SpendFileIn, SpendFileOut, SpendIn, SpendOut
from app.staff.permissions import Permission

blp = Blueprint("spend", __name__, description="What advertising costs")

SORTABLE = {
    "day": MarketingSpend.day,
    "source": MarketingSpend.source,
    "campaign": MarketingSpend.campaign,
    "amount": MarketingSpend.amount,
    "enteredAt": MarketingSpend.entered_at,
}
_ALL = "/partner/brand/<brand_id>/marketing-spend"


@blp.route(_ALL)
class Spend(MethodView):
    @staff(Permission.SPEND)
    @blp.arguments(SpendArgs, location="query")
    @blp.response(200, page_of(SpendOut))
    def get(self, args):
        """What was spent, by day, source and campaign, newest day first."""
        paging = {name: args.pop(name) for name in ("page", "page_size", "sort")}
        return paginate(service.search(**args), paging, SORTABLE)

    @staff(Permission.SPEND)
    @blp.arguments(SpendIn)
    @blp.response(200, SpendOut)
    def post(self, body):
        """Tell what a day of a source and campaign cost; told again it is corrected."""
        return service.tell(**body)


@blp.route(f"{_ALL}/upload")
class SpendUpload(MethodView):
    @staff(Permission.SPEND)
    @blp.arguments(SpendFileIn, location="files")
    @blp.response(200, SpendFileOut)
    def post(self, files):
        """The same of many days by a table, CSV or XLSX. Rows that cannot be read are left out and told of."""
        file = files["file"]
        return service.upload(file.filename or "spend.csv", file.stream.read(service.BYTES_MAX + 1))


@blp.route(f"{_ALL}/<uuid:spend_id>")
class OneSpend(MethodView):
    @staff(Permission.SPEND)
    @blp.response(200, SpendOut)
    def get(self, spend_id):
        """What one day of a source and campaign cost, and who said so."""
        return service.get(spend_id)

    @staff(Permission.SPEND)
    @blp.response(204)
    def delete(self, spend_id):
        """Take it back: it was not spent."""
        service.remove(spend_id)
