"""What the portal opens first: files, lists by stage, saved views, the dashboard."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of
from app.dashboards import files, lists
from app.dashboards.schemas import (
    ScopeArgs,
    SectionPageArgs,
    SectionPageOut,
    StageArgs,
    StageOut,
    StageRowOut,
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
        return lists.described(**args)


@blp.route(f"{BRAND}/stages/<stage>/loans")
class StageLoans(MethodView):
    @staff(Permission.LOANS_VIEW)
    @blp.arguments(StageArgs, location="query")
    @blp.response(200, page_of(StageRowOut))
    def get(self, args, stage):
        """The loans of a stage (in ONBOARDING the customers): searched, filtered, sorted, paged."""
        return lists.page(stage, args)
