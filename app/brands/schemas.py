"""A brand's settings over the wire and in the database: one shape, checked both ways."""

import marshmallow as ma

from app.core.http import Money, Schema

BUREAUS = ["cibil", "crif", "equifax"]

_percent = ma.validate.Range(min=0, max=100)


class Theme(Schema):
    primary_colour = ma.fields.String(required=True, validate=ma.validate.Regexp(r"#[0-9a-f]{6}"))
    accent_colour = ma.fields.String(required=True, validate=ma.validate.Regexp(r"#[0-9a-f]{6}"))


class Lender(Schema):
    """The regulated entity behind the brand, as agreements must name it."""

    name = ma.fields.String(required=True)
    address = ma.fields.String(required=True)
    grievance_officer = ma.fields.String(required=True)
    grievance_email = ma.fields.Email(required=True)
    grievance_phone = ma.fields.String(required=True)


class LoanRules(Schema):
    amount_min = Money(required=True)
    amount_max = Money(required=True)
    tenure_days_min = ma.fields.Integer(required=True)
    tenure_days_max = ma.fields.Integer(required=True)
    cooling_off_days = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1))
    statement_days_min = ma.fields.Integer(load_default=28, validate=ma.validate.Range(min=1, max=366))


class Providers(Schema):
    """Which provider serves what. The keys of the choices are the names in `app.providers`."""

    kyc = ma.fields.String(required=True, validate=ma.validate.OneOf(["digitap"]))
    account_aggregator = ma.fields.String(required=True, validate=ma.validate.OneOf(["finduit", "cart"]))
    bank_statements = ma.fields.String(
        load_default="own",
        validate=ma.validate.OneOf(["own", "cart", "finbox", "scoreme"]),
        metadata={"description": "who analyses statements beside our own readers"},
    )
    bureau = ma.fields.String(required=True, validate=ma.validate.OneOf(BUREAUS))
    esign = ma.fields.String(required=True, validate=ma.validate.OneOf(["signzy"]))
    payments = ma.fields.String(required=True, validate=ma.validate.OneOf(["razorpay"]))
    payouts = ma.fields.String(required=True, validate=ma.validate.OneOf(["razorpay"]))
    sms = ma.fields.String(required=True, validate=ma.validate.OneOf(["msg91"]))
    email = ma.fields.String(required=True, validate=ma.validate.OneOf(["sendgrid"]))


class BureauPolicy(Schema):
    """`fallbacks` are asked in this order while `providers.bureau` does not answer. A report that is not older than
    `max_age_days` is used again instead of bought again."""

    fallbacks = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(BUREAUS)), load_default=list)
    max_age_days = ma.fields.Integer(load_default=30, validate=ma.validate.Range(min=1, max=365))


class BankData(Schema):
    """How long a bank statement that was sent as a file is kept: the file, what was read from it, and the analyser's
    answer. The default is what consents for underwriting let Account Aggregator data be kept."""

    statement_days_kept = ma.fields.Integer(load_default=365, validate=ma.validate.Range(min=30, max=3650))


class BrandSettings(Schema):
    logo_url = ma.fields.String(required=True)
    theme = ma.fields.Nested(Theme, required=True)
    lender = ma.fields.Nested(Lender, required=True)
    loan_rules = ma.fields.Nested(LoanRules, required=True)
    providers = ma.fields.Nested(Providers, required=True)
    bureau_policy = ma.fields.Nested(BureauPolicy, load_default=lambda: BureauPolicy().load({}))
    bank_data = ma.fields.Nested(BankData, load_default=lambda: BankData().load({}))
    city_tiers = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(validate=ma.validate.OneOf(["A", "B", "C"])),
        required=True,
        metadata={"description": "first three digits of a pincode to its tier; what is not named is C"},
    )


class BrandOut(Schema):
    id = ma.fields.String()
    name = ma.fields.String()
    settings = ma.fields.Nested(BrandSettings)
