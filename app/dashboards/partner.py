"""What the portal opens first: files, lists by stage, saved views, the dashboard."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.dashboards import files, lists, service, views
from app.dashboards.filters import ScopeArgs
from app.dashboards.schemas import (
    DashboardOut,
    SavedViewChange,
    SavedViewIn,
    SavedViewOut,
    SectionPageArgs,
    SectionPageOut,
    StageArgs,
    StageOut,
    StageRowOut,
    ViewArgs,
    WholeCustomerOut,
    WholeLoanOut,
)
from app.staff.permissions import Permission

blp = Blueprint("dashboards", __name__, description="Overviews of the portal")
BRAND = "/partner/brand/<brand_id>"


@blp.route(f"{BRAND}/loans/<uuid:loan_id>/file")
class LoanFile(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.etag
    @blp.response(200, WholeLoanOut)
    def get(self, loan_id):
        """All that is known of a loan, section by section, as far as the reader's roles see it. Audited."""
        return files.of_loan(loan_id)


@blp.route(f"{BRAND}/loans/<uuid:loan_id>/file/<section>")
class LoanFileSection(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.arguments(SectionPageArgs, location="query")
    @blp.response(200, SectionPageOut)
    def get(self, args, loan_id, section):
        """All of one section of a loan's file, newest first, page by page. Audited."""
        return files.page_of_loan(loan_id, section, **args)


@blp.route(f"{BRAND}/customers/<uuid:customer_id>/file")
class CustomerFile(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.etag
    @blp.response(200, WholeCustomerOut)
    def get(self, customer_id):
        """All that is known of a customer, with a loan or without. Audited."""
        return files.of_customer(customer_id)


@blp.route(f"{BRAND}/customers/<uuid:customer_id>/file/<section>")
class CustomerFileSection(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.arguments(SectionPageArgs, location="query")
    @blp.response(200, SectionPageOut)
    def get(self, args, customer_id, section):
        """All of one section of a customer's file, newest first, page by page. Audited."""
        return files.page_of_customer(customer_id, section, **args)


@blp.route(f"{BRAND}/stages")
class Stages(MethodView):
    @staff(Permission.DASHBOARD_VIEW)
    @blp.arguments(ScopeArgs, location="query")
    @blp.response(200, StageOut(many=True))
    def get(self, args):
        """The lists by stage that the reader's roles see, with how many are in each."""
        return service.described(**args)


@blp.route(f"{BRAND}/stages/<stage>/loans")
class StageLoans(MethodView):
    @staff(Permission.LOANS_VIEW)
    @blp.arguments(StageArgs, location="query")
    @blp.response(200, page_of(StageRowOut))
    def get(self, args, stage):
        """The loans of a stage (in ONBOARDING the customers): searched, filtered, sorted, paged."""
        return lists.page(stage, args)


@blp.route(f"{BRAND}/views")
class Views(MethodView):
    @staff(Permission.DASHBOARD_VIEW)
    @blp.arguments(ViewArgs, location="query")
    @blp.response(200, page_of(SavedViewOut))
    def get(self, args):
        """One's own saved views and those shared in the brand, of the stages that one sees, by name."""
        found = paginate(views.search(args["stage"]), args | {"sort": args["sort"] or "name"}, views.SORTS)
        return found | {"items": views.told(found["items"])}

    @staff(Permission.DASHBOARD_VIEW)
    @blp.arguments(SavedViewIn)
    @blp.response(201, SavedViewOut)
    def post(self, body):
        """Save a stage with filters, sort and columns. Who leads a team may share it with the brand."""
        return views.create(**body)


@blp.route(f"{BRAND}/views/<uuid:view_id>")
class OneView(MethodView):
    @staff(Permission.DASHBOARD_VIEW)
    @blp.response(200, SavedViewOut)
    def get(self, view_id):
        """One saved view, and why it does not fit any more if so."""
        return views.get(view_id)

    @staff(Permission.DASHBOARD_VIEW)
    @blp.arguments(SavedViewChange(partial=True))
    @blp.response(200, SavedViewOut)
    def patch(self, body, view_id):
        """Rename one's own view, or change what it shows."""
        return views.edit(view_id, body)

    @staff(Permission.DASHBOARD_VIEW)
    @blp.response(204)
    def delete(self, view_id):
        """Delete one's own view; who may share views also one that is shared."""
        views.delete(view_id)


@blp.route(f"{BRAND}/views/<uuid:view_id>/default")
class DefaultView(MethodView):
    @staff(Permission.DASHBOARD_VIEW)
    @blp.response(200, SavedViewOut)
    def put(self, view_id):
        """Start its stage with this view."""
        return views.start_with(view_id)

    @staff(Permission.DASHBOARD_VIEW)
    @blp.response(200, SavedViewOut)
    def delete(self, view_id):
        """Start its stage without a view again."""
        return views.start_without(view_id)


@blp.route(f"{BRAND}/dashboard")
class Dashboard(MethodView):
    @staff(Permission.DASHBOARD_VIEW)
    @blp.arguments(ScopeArgs, location="query")
    @blp.response(200, DashboardOut)
    def get(self, args):
        """Counts and amounts for the reader's roles, all of one instant."""
        return service.dashboard(**args)
