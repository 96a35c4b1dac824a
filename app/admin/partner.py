"""`/partner/admin/...`: the Super Admin above the brands. Everybody else is refused."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import super_admin
from app.admin import overview, service
from app.admin.schemas import BrandArgs, BrandHealth, BrandRow, NewBrandIn, ScopeIn, ScopeOut
from app.core.http import page_of
from app.staff.permissions import Permission

blp = Blueprint("admin", __name__, description="The platform above the brands")
PATH = "/partner/admin/brands"


@blp.route(PATH)
class Brands(MethodView):
    @super_admin(Permission.BRANDS_ADMIN)
    @blp.arguments(BrandArgs, location="query")
    @blp.response(200, page_of(BrandRow))
    def get(self, args):
        """Every brand in numbers, by name or id."""
        return overview.page(args)

    @super_admin(Permission.BRANDS_ADMIN)
    @blp.arguments(NewBrandIn)
    @blp.response(201, BrandHealth)
    def post(self, body):
        """Make a brand of its folder of rule files, its settings and its first administrator."""
        service.create_brand(body["id"], body["name"], body["settings"], body["administrator"])
        return overview.one(body["id"])


@blp.route(f"{PATH}/<brand>")
class Brand(MethodView):
    @super_admin(Permission.BRANDS_ADMIN)
    @blp.response(200, BrandHealth)
    def get(self, brand):
        """One brand in numbers, and whether its rule sets can be used."""
        return overview.one(brand)


@blp.route(f"{PATH}/<brand>/scope")
class Scope(MethodView):
    @super_admin(Permission.BRANDS_ADMIN)
    @blp.arguments(ScopeIn)
    @blp.response(201, ScopeOut)
    def post(self, body, brand):
        """Work in a brand for a while, saying why. The brand's audit trail tells of it and of each act."""
        return service.open_scope(brand, **body)

    @super_admin(Permission.BRANDS_ADMIN)
    @blp.response(204)
    def delete(self, brand):
        """End one's scope in a brand before its time."""
        service.end_scope(brand)
