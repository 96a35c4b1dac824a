"""The search of the customers' list: by whatever staff have in their hand, in full or, for a name, how it begins."""

from peewee import Expression, ModelSelect

from app.core.names import has_words
from app.customers.models import Customer
from app.kyc import service as kyc
from app.loans import service as loans


def find(text: str | None) -> ModelSelect:
    """Customers of this brand: those whose name has the words of `text`, or words that begin so, or whose number,
    phone, PAN, e-mail, account or loan it is. All of them without a text."""
    query = Customer.select()
    if not text:
        return query
    # no name has a digit, and every number has one: each way has its own index
    is_name = not any(letter.isdigit() or letter == "@" for letter in text)
    return query.where(has_words(Customer.name_hash, text) if is_name else _is_that_of(text))


def _is_that_of(text: str) -> Expression:
    text = text.strip()
    compact = "".join(text.split()).upper()
    found = (
        (Customer.customer_no == compact)
        | Customer.phone_hash.is_of(_phone(compact))
        | Customer.pan_hash.is_of(compact)
        | Customer.email_hash.is_of(text)
    )
    ids = [*kyc.customers_with_account(compact), *loans.customers_with(compact)]
    return found | Customer.id.in_(ids) if ids else found


def _phone(text: str) -> str:
    """Ten digits, also of a number that is written with the country in front."""
    digits = text.replace("-", "")
    return digits.removeprefix("+91") if digits.startswith("+91") else digits
