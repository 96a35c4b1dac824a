"""What is said at which event, on which channel. `{names}` are the event's variables."""

from dataclasses import dataclass

from app.messaging.kinds import DUES, PROMOTION, REQUIRED, SERVICE
from app.messaging.texts import ALWAYS, names_in


@dataclass(frozen=True)
class Event:
    """The standard words of one event, in English. A channel without words is not used.

    `kind` of `app.messaging.kinds`. `good_for_s`: seconds after which it is not worth saying any more.
    """

    sms: str | None = None
    subject: str | None = None
    email: str | None = None
    kind: str = SERVICE
    good_for_s: int | None = None

    @property
    def variables(self) -> list[str]:
        """The names that whoever raises the event gives values to, in the order in which they are said."""
        said = [name for text in (self.sms, self.subject, self.email) if text for name in names_in(text)]
        return [name for name in dict.fromkeys(said) if name not in ALWAYS]


EVENTS: dict[str, Event] = {
    "otp": Event(
        kind=REQUIRED,
        good_for_s=300,
        sms="{code} is your OTP for {brand}. It ends in 5 minutes. Do not share it with anyone.",
    ),
    "new_device": Event(
        kind=REQUIRED,
        sms="{brand}: your account was opened on {device} at {at}. If that was not you, end all sessions in the app "
        "and call us.",
        subject="Your account was opened on another device",
        email="Dear {name},\n\nyour account was opened on {device} at {at} (India). If that was you, nothing needs to "
        "be done. If not, sign in, end all sessions under your devices, and call us.\n\n{brand}",
    ),
    "application_received": Event(sms="{brand}: we have your application {loan_no} for Rs {amount}."),
    "aa_consent_link": Event(sms="{brand}: please allow your bank to share your statement: {url}"),
    "application_rejected": Event(
        kind=REQUIRED,
        sms="{brand}: we could not approve your application {loan_no}. Reasons are in your e-mail and the app.",
        subject="Your application {loan_no}",
        email="Dear {name},\n\nwe could not approve your application {loan_no}.\n\n{reasons}\n\n"
        "You may ask the credit bureau for a free copy of your report.\n\n{brand}",
    ),
    "offer_made": Event(
        sms="{brand}: we can offer you Rs {amount} on application {loan_no}. See the key facts in the app and answer "
        "by {valid_until}.",
        subject="Our offer on your application {loan_no}",
        email="Dear {name},\n\nwe can offer you Rs {amount} on your application {loan_no}. Please read the key facts "
        "in the app and accept or decline by {valid_until}.\n\n{brand}",
    ),
    "sanction_expired": Event(
        sms="{brand}: the approval of loan {loan_no} has ended because it was not used in time. You may apply again.",
    ),
    "sanctioned": Event(
        kind=REQUIRED,
        sms="{brand}: your loan {loan_no} of Rs {amount} is approved. The agreement follows.",
        subject="Your loan {loan_no} is approved",
        email="Dear {name},\n\nyour loan {loan_no} of Rs {amount} is approved. Please read the key fact statement "
        "in the agreement before you sign.\n\n{brand}",
    ),
    "key_facts": Event(
        kind=REQUIRED,
        sms="{brand}: please read the key facts of loan {loan_no} and accept them in the app; then you can sign.",
        subject="The key facts of your loan {loan_no}",
        email="Dear {name},\n\nthe Key Facts Statement and the sanction letter of your loan {loan_no} are attached. "
        "Please read them and accept them in the app. The agreement to sign follows then.\n\n{brand}",
    ),
    "mandate_link": Event(
        sms="{brand}: please set up the automatic repayment of loan {loan_no}: {url}",
        subject="Automatic repayment of your loan {loan_no}",
        email="Dear {name},\n\nplease allow us to debit the repayment of your loan {loan_no} on its due date: {url}\n\n"
        "At most Rs {amount_max} can be debited at a time, until {valid_until}. You are told a day before.\n\n{brand}",
    ),
    "due_reminder": Event(
        kind=DUES,
        sms="{brand}: loan {loan_no} is due on {due_date}. Outstanding today: Rs {outstanding}. Please pay in the app.",
        subject="Your loan {loan_no} is due on {due_date}",
        email="Dear {name},\n\nyour loan {loan_no} is due on {due_date}. Outstanding today: Rs {outstanding}. You can "
        "pay in the app at any time.\n\n{brand}",
    ),
    "demand_notice": Event(
        kind=REQUIRED,
        sms="{brand}: loan {loan_no} is overdue. Demand notice {number} is in your e-mail and in the app.",
        subject="Demand notice for your loan {loan_no}",
        email="Dear {name},\n\nyour loan {loan_no} is overdue. The demand notice {number} is attached.\n\n{brand}",
    ),
    "esign_link": Event(
        sms="{brand}: please sign the agreement of loan {loan_no}: {url}",
        subject="Please sign your loan agreement {loan_no}",
        email="Dear {name},\n\nplease read and sign the agreement of your loan {loan_no}: {url}\n\n{brand}",
    ),
    "esign_done": Event(
        kind=REQUIRED,
        sms="{brand}: thank you, the agreement of loan {loan_no} is signed.",
        subject="Your signed loan agreement {loan_no}",
        email="Dear {name},\n\nthe signed agreement of your loan {loan_no} is attached.\n\n{brand}",
    ),
    "disbursed": Event(
        kind=REQUIRED,
        sms="{brand}: Rs {amount} of loan {loan_no} was sent to your account. UTR {utr}. Due {due_date}.",
    ),
    "payment_link": Event(sms="{brand}: pay Rs {amount} for loan {loan_no} here: {url}"),
    "payment_received": Event(
        kind=REQUIRED,
        sms="{brand}: received Rs {amount} for loan {loan_no}. Outstanding Rs {outstanding}.",
        subject="Receipt for loan {loan_no}",
        email="Dear {name},\n\nwe received Rs {amount} for your loan {loan_no}. "
        "Outstanding: Rs {outstanding}.\n\n{brand}",
    ),
    "debit_notice": Event(
        kind=REQUIRED,
        sms="{brand}: Rs {amount} for loan {loan_no} will be debited from your account on {on}.",
    ),
    "debit_returned": Event(
        kind=REQUIRED,
        sms="{brand}: the bank returned the debit of Rs {amount} for loan {loan_no}. Charge for it: Rs {charge}.",
    ),
    "cooled_off": Event(
        kind=REQUIRED,
        sms="{brand}: you gave back loan {loan_no} and paid Rs {amount}. Nothing is owed. The certificate follows.",
    ),
    "settlement_offer": Event(
        kind=DUES,
        sms="{brand}: pay Rs {amount} by {valid_until} and loan {loan_no} is settled. After that day all of it is owed "
        "again.",
        subject="Settlement of your loan {loan_no}",
        email="Dear {name},\n\nwe agree to settle your loan {loan_no} for Rs {amount}, paid by {valid_until}. After "
        "that day all of it is owed again. A settled loan is reported to the credit bureaus as such.\n\n{brand}",
    ),
    "loan_settled": Event(
        sms="{brand}: loan {loan_no} is settled. Nothing more is owed on it.",
        subject="Your loan {loan_no} is settled",
        email="Dear {name},\n\nyour loan {loan_no} is settled: what was agreed on was paid, and nothing more is owed "
        "on it. It is reported to the credit bureaus as settled.\n\n{brand}",
    ),
    "closure_noc": Event(
        kind=REQUIRED,
        sms="{brand}: loan {loan_no} is closed. The no-objection certificate is in your e-mail.",
        subject="No-objection certificate for loan {loan_no}",
        email="Dear {name},\n\nyour loan {loan_no} is closed. The no-objection certificate is attached.\n\n{brand}",
    ),
    "repeat_offer": Event(
        sms="{brand}: thank you for repaying. If you ever need money again, it takes minutes. To stop such messages: "
        "the app, Privacy, Offers.",
        kind=PROMOTION,
    ),
    "erasure_notice": Event(
        kind=REQUIRED,
        sms="{brand}: you have not used your account for long. Your data will be erased in {hours} hours. To keep it, "
        "sign in.",
    ),
    "privacy_answer": Event(
        kind=REQUIRED,
        sms="{brand}: your request {request_no} about your data is answered. The answer is in the app under Privacy.",
    ),
}
