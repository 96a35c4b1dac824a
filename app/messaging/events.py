"""What is said at which event, on which channel. `{names}` are the event's variables."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """The words of one event. A channel without words is not used.

    `purpose`: the consent without which it is not said; what belongs to an application or a loan needs none.
    """

    sms: str | None = None
    subject: str | None = None
    email: str | None = None
    purpose: str | None = None


EVENTS: dict[str, Template] = {
    "otp": Template(sms="{code} is your OTP for {brand}. It ends in 5 minutes. Do not share it with anyone."),
    "new_device": Template(
        sms="{brand}: your account was opened on {device} at {at}. If that was not you, end all sessions in the app "
        "and call us.",
        subject="Your account was opened on another device",
        email="Dear {name},\n\nyour account was opened on {device} at {at} (India). If that was you, nothing needs to "
        "be done. If not, sign in, end all sessions under your devices, and call us.\n\n{brand}",
    ),
    "application_received": Template(sms="{brand}: we have your application {loan_no} for Rs {amount}."),
    "aa_consent_link": Template(sms="{brand}: please allow your bank to share your statement: {url}"),
    "application_rejected": Template(
        sms="{brand}: we could not approve your application {loan_no}. Reasons are in your e-mail and the app.",
        subject="Your application {loan_no}",
        email="Dear {name},\n\nwe could not approve your application {loan_no}.\n\n{reasons}\n\n"
        "You may ask the credit bureau for a free copy of your report.\n\n{brand}",
    ),
    "offer_made": Template(
        sms="{brand}: we can offer you Rs {amount} on application {loan_no}. See the key facts in the app and answer "
        "by {valid_until}.",
        subject="Our offer on your application {loan_no}",
        email="Dear {name},\n\nwe can offer you Rs {amount} on your application {loan_no}. Please read the key facts "
        "in the app and accept or decline by {valid_until}.\n\n{brand}",
    ),
    "sanction_expired": Template(
        sms="{brand}: the approval of loan {loan_no} has ended because it was not used in time. You may apply again.",
    ),
    "sanctioned": Template(
        sms="{brand}: your loan {loan_no} of Rs {amount} is approved. The agreement follows.",
        subject="Your loan {loan_no} is approved",
        email="Dear {name},\n\nyour loan {loan_no} of Rs {amount} is approved. Please read the key fact statement "
        "in the agreement before you sign.\n\n{brand}",
    ),
    "key_facts": Template(
        sms="{brand}: please read the key facts of loan {loan_no} and accept them in the app; then you can sign.",
        subject="The key facts of your loan {loan_no}",
        email="Dear {name},\n\nthe Key Facts Statement and the sanction letter of your loan {loan_no} are attached. "
        "Please read them and accept them in the app. The agreement to sign follows then.\n\n{brand}",
    ),
    "mandate_link": Template(
        sms="{brand}: please set up the automatic repayment of loan {loan_no}: {url}",
        subject="Automatic repayment of your loan {loan_no}",
        email="Dear {name},\n\nplease allow us to debit the repayment of your loan {loan_no} on its due date: {url}\n\n"
        "At most Rs {amount_max} can be debited at a time, until {valid_until}. You are told a day before.\n\n{brand}",
    ),
    "demand_notice": Template(
        sms="{brand}: loan {loan_no} is overdue. Demand notice {number} is in your e-mail and in the app.",
        subject="Demand notice for your loan {loan_no}",
        email="Dear {name},\n\nyour loan {loan_no} is overdue. The demand notice {number} is attached.\n\n{brand}",
    ),
    "esign_link": Template(
        sms="{brand}: please sign the agreement of loan {loan_no}: {url}",
        subject="Please sign your loan agreement {loan_no}",
        email="Dear {name},\n\nplease read and sign the agreement of your loan {loan_no}: {url}\n\n{brand}",
    ),
    "esign_done": Template(
        sms="{brand}: thank you, the agreement of loan {loan_no} is signed.",
        subject="Your signed loan agreement {loan_no}",
        email="Dear {name},\n\nthe signed agreement of your loan {loan_no} is attached.\n\n{brand}",
    ),
    "disbursed": Template(
        sms="{brand}: Rs {amount} of loan {loan_no} was sent to your account. UTR {utr}. Due {due_date}.",
    ),
    "payment_link": Template(sms="{brand}: pay Rs {amount} for loan {loan_no} here: {url}"),
    "payment_received": Template(
        sms="{brand}: received Rs {amount} for loan {loan_no}. Outstanding Rs {outstanding}.",
        subject="Receipt for loan {loan_no}",
        email="Dear {name},\n\nwe received Rs {amount} for your loan {loan_no}. "
        "Outstanding: Rs {outstanding}.\n\n{brand}",
    ),
    "cooled_off": Template(
        sms="{brand}: you gave back loan {loan_no} and paid Rs {amount}. Nothing is owed. The certificate follows.",
    ),
    "closure_noc": Template(
        sms="{brand}: loan {loan_no} is closed. The no-objection certificate is in your e-mail.",
        subject="No-objection certificate for loan {loan_no}",
        email="Dear {name},\n\nyour loan {loan_no} is closed. The no-objection certificate is attached.\n\n{brand}",
    ),
    "repeat_offer": Template(
        sms="{brand}: thank you for repaying. If you ever need money again, it takes minutes. To stop such messages: "
        "the app, Privacy, Offers.",
        purpose="MARKETING",
    ),
    "erasure_notice": Template(
        sms="{brand}: you have not used your account for long. Your data will be erased in {hours} hours. To keep it, "
        "sign in.",
    ),
    "privacy_answer": Template(
        sms="{brand}: your request {request_no} about your data is answered. The answer is in the app under Privacy."
    ),
}
