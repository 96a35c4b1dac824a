"""What a loan costs if it is not repaid as agreed, told before it is taken: the very terms that it keeps, asked what
they would charge (RBI, penal charges, 18 August 2023: amount and reason in the agreement and the Key Facts
Statement)."""

from app.documents.languages import words
from app.documents.render import inr
from app.loans import costs
from app.loans.service import Loan


def values(loan: Loan, terms: costs.Terms, language: str) -> dict[str, str]:
    """The variables of `words/*.yaml` that say so."""
    said, told = words(language)["contingent"], costs.contingent(loan, terms.charges)
    amounts = ("penal_a_day", "penal_at_most", "returned_mandate", "returned_mandate_gst")
    known = {name: f"₹ {inr(getattr(told, name))}" for name in amounts} | {
        "penal_from": str(told.penal_from),
        "foreclosure_percent": f"{terms.foreclosure_percent.normalize():f}",
    }
    levied = {
        "penal": told.penal_from is not None,
        "returned": told.returned_mandate > 0,
        "foreclosure": terms.foreclosure_percent > 0,
    }
    sentences = {
        f"{name}_said": said[name if is_levied else f"no_{name}"].format_map(known)
        for name, is_levied in levied.items()
    }
    return sentences | {"settles": ", ".join(said["parts"][part] for part in terms.payment_order)}
