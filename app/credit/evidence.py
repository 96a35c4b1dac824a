"""What is known of an application, from the domains that know it, and where each of them has it from."""

from typing import Any, NamedTuple

from app.banking import service as banking
from app.brands import service as brands
from app.bureau import service as bureau
from app.core import clock
from app.core.lineage import Origin, origin
from app.credit import agreement
from app.customers import service as customers
from app.kyc import service as kyc
from app.loans import service as loans
from app.sign_in import service as sign_in


class Evidence(NamedTuple):
    """Features by name, and the origin of each as far as it is known. What is unknown is absent."""

    values: dict[str, Any]
    lineage: dict[str, Origin]


def gather(loan: loans.Loan) -> Evidence:
    """Every feature that is known of an application now."""
    today, customer = clock.today(), customers.get(loan.customer_id)
    own = origin("own_records", customer, clock.now())
    statement, report = banking.origin(loan.id), bureau.origin(loan.id)
    sources = (
        ({"decision_date": today}, None),
        (customers.facts(customer.id, today, brands.settings()["city_tiers"]), own),
        (kyc.facts(customer.id, today), own),
        (loans.facts(loan), own),
        (banking.features(loan.id), statement),
        (bureau.features(loan.id), report),
        (sign_in.facts(customer.id), own),
        (agreement.facts(loan), statement),
    )
    values = {name: value for known, _ in sources for name, value in known.items() if value is not None}
    lineage = {name: source for known, source in sources if source for name in known if name in values}
    application = origin("application", loan)
    asked = dict.fromkeys(("requested_amount", "requested_tenure_days"), application)
    told = {name: where for name, where in (asked | kyc.origins(customer.id)).items() if name in values}
    return Evidence(values, lineage | told)
