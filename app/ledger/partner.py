"""A loan's ledger in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.ledger import service
from app.ledger.schemas import LedgerOut, TrialBalanceOut
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
    @blp.response(200, TrialBalanceOut)
    def get(self):
        """The balance of every account of the brand. Their sum is zero."""
        balances = service.trial_balance()
        accounts = [{"account": account, "balance": balance} for account, balance in balances.items()]
        return {"accounts": accounts, "difference": sum(balances.values())}
