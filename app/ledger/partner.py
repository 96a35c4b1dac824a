"""A loan's ledger in the portal."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.ledger import auditing, service
from app.ledger.schemas import (
    JournalArgs,
    JournalEntryOut,
    JournalFilters,
    LedgerOut,
    TrialBalanceArgs,
    TrialBalanceOut,
)
from app.staff.permissions import Permission

blp = Blueprint("partner-ledger", __name__, description="What was booked on a loan, and what it owes")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/ledger")
class Ledger(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.response(200, LedgerOut)
    def get(self, loan_id):
        """Every entry with the running balance, the plan of repayments, and what is owed today."""
        return service.statement(loan_id)


@blp.route("/partner/brand/<brand_id>/ledger/trial-balance")
class TrialBalance(MethodView):
    @staff(Permission.TRIAL_BALANCE_VIEW)
    @blp.arguments(TrialBalanceArgs, location="query")
    @blp.response(200, TrialBalanceOut)
    def get(self, args):
        """The balance of every account of the brand, also of an earlier day. Their sum is zero."""
        balances = auditing.balances_on(args["as_of"]) if args["as_of"] else service.trial_balance()
        accounts = [{"account": account, "balance": balance} for account, balance in balances.items()]
        return {"accounts": accounts, "difference": sum(balances.values())}


@blp.route("/partner/brand/<brand_id>/ledger/journal")
class Journal(MethodView):
    @staff(Permission.TRIAL_BALANCE_VIEW)
    @blp.arguments(JournalArgs, location="query")
    @blp.response(200, page_of(JournalEntryOut))
    def get(self, args):
        """Every entry of the brand's books with its lines, newest business day first."""
        return auditing.with_lines(paginate(auditing.search(args), args, auditing.SORTABLE))


@blp.route("/partner/brand/<brand_id>/ledger/journal.csv")
class JournalFile(MethodView):
    @staff(Permission.TRIAL_BALANCE_VIEW)
    @blp.arguments(JournalFilters, location="query")
    @blp.response(200, {"type": "string", "format": "binary"}, content_type="text/csv")
    def get(self, args):
        """The same entries line by line as CSV, up to 50,000 lines. The export is audited."""
        return Response(auditing.export(args), mimetype="text/csv")
