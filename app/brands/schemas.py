"""A brand's settings over the wire and in the database: one shape, checked both ways."""

import copy
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import marshmallow as ma

from app.brands import templates
from app.brands.affiliates import AffiliatePolicy
from app.brands.collecting import CollectionPolicy
from app.brands.contacting import ContactRules
from app.brands.dialing import DialerSettings
from app.brands.disbursal import DisbursalPolicy
from app.brands.features import FEATURES
from app.brands.messages import SENDERS, MessagePolicy
from app.brands.onboarding import (
    ACCOUNT_VALIDATORS,
    KYC_PROVIDERS,
    LOCKERS,
    UPI_VALIDATORS,
    Fallbacks,
    GoodDays,
    OnboardingPolicy,
)
from app.brands.products import LoanProduct
from app.brands.repayment import RepaymentPolicy
from app.brands.reporting import ReportPolicy
from app.brands.working import WorkingHours
from app.config.values import ORIGIN
from app.core.http import Bounded, Money, Schema, camel

BUREAUS = ["cibil", "crif", "equifax"]
GATEWAYS = ["razorpay", "cashfree"]
TENURE_DAYS_MAX = 370
CONTRAST_MIN = 4.5  # WCAG 2.2, success criterion 1.4.3, text of ordinary size

_days = ma.validate.Range(min=1, max=TENURE_DAYS_MAX)
_short = ma.validate.Length(min=1, max=200)


def _colour(**kwargs: Any) -> ma.fields.String:
    return ma.fields.String(validate=ma.validate.Regexp(r"^#[0-9a-f]{6}\Z"), **kwargs)


def _ordered(data: dict[str, Any], low: str, high: str) -> None:
    """Raises a ValidationError naming `low` if it is above `high`."""
    if data[low] > data[high]:
        raise ma.ValidationError({camel(low): [f"Must not be above {camel(high)}, which is {data[high]}."]})


_ORIGIN = ma.validate.Regexp(
    ORIGIN, error="An origin: https, a host name in small letters, a port at most, and no path."
)


class Theme(Schema):
    """Colours that the portal and the app make CSS variables of."""

    primary_colour = _colour(required=True)
    accent_colour = _colour(required=True)
    background_colour = _colour(load_default="#ffffff")
    text_colour = _colour(load_default="#1a1a1a")

    @ma.validates_schema
    def _is_readable(self, data: dict[str, Any], **kwargs: Any) -> None:
        contrast = _contrast(data["text_colour"], data["background_colour"])
        if contrast < CONTRAST_MIN:
            told = f"Contrast to backgroundColour is {contrast:.1f}; text can be read from {CONTRAST_MIN} on."
            raise ma.ValidationError({"textColour": [told]})


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


class Lender(Schema):
    """The regulated entity behind the brand, as agreements must name it."""

    name = ma.fields.String(required=True, validate=_short)
    address = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=500))
    grievance_officer = ma.fields.String(required=True, validate=_short)
    grievance_email = ma.fields.Email(required=True, validate=_short)
    grievance_phone = ma.fields.String(required=True, validate=ma.validate.Regexp(r"^\+?[0-9]{8,15}\Z"))


class LoanRules(Schema):
    """What can be applied for. It lies within what the credit policy of the brand (its rule files) allows."""

    amount_min = Money(required=True, minimum=1)
    amount_max = Money(required=True, minimum=1)
    tenure_days_min = ma.fields.Integer(required=True, validate=_days)
    tenure_days_max = ma.fields.Integer(required=True, validate=_days)
    cooling_off_days = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1, max=30))
    statement_days_min = ma.fields.Integer(load_default=28, validate=ma.validate.Range(min=1, max=366))

    @ma.validates_schema
    def _is_ordered(self, data: dict[str, Any], **kwargs: Any) -> None:
        _ordered(data, "amount_min", "amount_max")
        _ordered(data, "tenure_days_min", "tenure_days_max")
        _ordered(data, "cooling_off_days", "tenure_days_max")


class Providers(Schema):
    """Which provider serves what. The keys of the choices are the names in `app.providers`."""

    kyc = ma.fields.String(required=True, validate=ma.validate.OneOf(KYC_PROVIDERS))
    account_aggregator = ma.fields.String(required=True, validate=ma.validate.OneOf(["finduit", "cart"]))
    bank_statements = ma.fields.String(
        load_default="own",
        validate=ma.validate.OneOf(["own", "cart", "finbox", "scoreme"]),
        metadata={"description": "who analyses statements beside our own readers"},
    )
    bureau = ma.fields.String(required=True, validate=ma.validate.OneOf(BUREAUS))
    esign = ma.fields.String(required=True, validate=ma.validate.OneOf(["signzy", "signdesk"]))
    payments = ma.fields.String(required=True, validate=ma.validate.OneOf(GATEWAYS))
    payouts = ma.fields.String(required=True, validate=ma.validate.OneOf(GATEWAYS))
    account_validation = ma.fields.String(
        load_default="digitap",
        validate=ma.validate.OneOf(ACCOUNT_VALIDATORS),
        metadata={"description": "who sends the rupee that proves a bank account"},
    )
    upi_validation = ma.fields.String(
        load_default="razorpay",
        validate=ma.validate.OneOf(UPI_VALIDATORS),
        metadata={"description": "who says whose UPI id it is"},
    )
    digilocker = ma.fields.String(
        load_default="digilocker",
        validate=ma.validate.OneOf(LOCKERS),
        metadata={"description": "who leads a customer to DigiLocker"},
    )
    sms = ma.fields.String(required=True, validate=ma.validate.OneOf(SENDERS["sms"]))
    whatsapp = ma.fields.String(load_default="aisensy", validate=ma.validate.OneOf(SENDERS["whatsapp"]))
    email = ma.fields.String(required=True, validate=ma.validate.OneOf(SENDERS["email"]))


class BureauMembership(Schema):
    """Who we are to a bureau, as its files name whom an account is reported by."""

    member_code = ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(r"^[A-Z0-9]{4,20}\Z", error="4 to 20 capitals and digits."),
    )
    short_name = ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(
            r"^[A-Z0-9][A-Z0-9 &.-]{0,15}\Z", error="At most 16 capitals, digits, blanks, & . and -."
        ),
    )


class BureauPolicy(Schema):
    """`fallbacks` are asked in this order while `providers.bureau` does not answer. A report that is not older than
    `max_age_days` is used again instead of bought again. `memberships`, by bureau, stand in the files for it."""

    fallbacks = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(BUREAUS)), load_default=list)
    max_age_days = ma.fields.Integer(load_default=30, validate=ma.validate.Range(min=1, max=365))
    memberships = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.OneOf(BUREAUS)),
        values=ma.fields.Nested(BureauMembership),
        load_default=dict,
        metadata={"example": {"cibil": {"memberCode": "NB12340001", "shortName": "LENDER"}}},
    )

    @ma.validates("fallbacks")
    def _names_each_once(self, fallbacks: list[str], data_key: str) -> None:
        if len(set(fallbacks)) < len(fallbacks):
            raise ma.ValidationError("Names the same bureau twice.")


class BankData(Schema):
    """How long a bank statement that was sent as a file is kept: the file, what was read from it, and the analyser's
    answer. The default is what consents for underwriting let Account Aggregator data be kept."""

    statement_days_kept = ma.fields.Integer(load_default=365, validate=ma.validate.Range(min=30, max=3650))


LANGUAGES = ["en", "hi"]
CLAUSES_MAX = 10


def _said(length_max: int) -> ma.fields.Dict:
    """Text by language; English is what another language falls back to."""
    return ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.OneOf(LANGUAGES)),
        values=ma.fields.String(validate=ma.validate.Length(min=1, max=length_max)),
        required=True,
    )


class Clause(Schema):
    """A clause of the loan agreement that the brand adds to ours."""

    title = _said(100)
    text = _said(2000)

    @ma.validates_schema
    def _has_english(self, data: dict[str, Any], **kwargs: Any) -> None:
        for name in ("title", "text"):
            if "en" not in data[name]:
                raise ma.ValidationError({name: ["Needs English (en)."]})


class Documents(Schema):
    """Languages in order: the first is for who chose none of them. An agreement waits `esignDays` for its signature,
    and is sent `esignSendsMax` times at most."""

    languages = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(LANGUAGES)),
        load_default=lambda: list(LANGUAGES),
        validate=ma.validate.Length(min=1, max=len(LANGUAGES)),
    )
    clauses = ma.fields.List(
        ma.fields.Nested(Clause), load_default=list, validate=ma.validate.Length(max=CLAUSES_MAX)
    )
    esign_days = ma.fields.Integer(load_default=2, validate=ma.validate.Range(min=1, max=15))
    esign_sends_max = ma.fields.Integer(load_default=3, validate=ma.validate.Range(min=1, max=10))


MANDATE_NEEDS = ["NOT_NEEDED", "OPTIONAL", "REQUIRED"]


class MandatePolicy(Schema):
    """Leave to debit the customer's account. One debit takes at most the repayment times `capFactor`, until
    `monthsAfterDue` months after the due date; the page where it is given is open for `openDays`."""

    need = ma.fields.String(load_default="NOT_NEEDED", validate=ma.validate.OneOf(MANDATE_NEEDS))
    method = ma.fields.String(load_default="emandate", validate=ma.validate.OneOf(["emandate", "upi"]))
    cap_factor = Bounded("1.5", "2", load_default=Decimal("1.5"))
    months_after_due = ma.fields.Integer(load_default=12, validate=ma.validate.Range(min=12, max=60))
    open_days = ma.fields.Integer(load_default=3, validate=ma.validate.Range(min=1, max=15))


Features = Schema.from_dict(
    {
        name: ma.fields.Boolean(load_default=feature.default, metadata={"description": feature.meaning})
        for name, feature in FEATURES.items()
    },
    name="Features",
)


class BrandSettings(Schema):
    origins = ma.fields.List(
        ma.fields.String(validate=_ORIGIN),
        load_default=list,
        metadata={"description": "of the brand's app and portal: the pages whose browsers may call"},
    )
    logo_url = ma.fields.String(required=True, validate=ma.validate.Regexp(r"^(/|https://)[^\s]{1,500}\Z"))
    theme = ma.fields.Nested(Theme, required=True)
    lender = ma.fields.Nested(Lender, required=True)
    loan_rules = ma.fields.Nested(LoanRules, required=True)
    loan_product = ma.fields.Nested(LoanProduct, load_default=lambda: LoanProduct().load({}))
    providers = ma.fields.Nested(Providers, required=True)
    bureau_policy = ma.fields.Nested(BureauPolicy, load_default=lambda: BureauPolicy().load({}))
    bank_data = ma.fields.Nested(BankData, load_default=lambda: BankData().load({}))
    onboarding = ma.fields.Nested(OnboardingPolicy, load_default=lambda: OnboardingPolicy().load({}))
    kyc_fallbacks = ma.fields.Nested(Fallbacks, load_default=lambda: Fallbacks().load({}))
    kyc_good_days = ma.fields.Nested(GoodDays, load_default=lambda: GoodDays().load({}))
    disbursal = ma.fields.Nested(DisbursalPolicy, load_default=lambda: DisbursalPolicy().load({}))
    documents = ma.fields.Nested(Documents, load_default=lambda: Documents().load({}))
    dialer = ma.fields.Nested(DialerSettings, load_default=lambda: DialerSettings().load({}))
    mandate = ma.fields.Nested(MandatePolicy, load_default=lambda: MandatePolicy().load({}))
    collections = ma.fields.Nested(CollectionPolicy, load_default=lambda: CollectionPolicy().load({}))
    affiliates = ma.fields.Nested(AffiliatePolicy, load_default=lambda: AffiliatePolicy().load({}))
    working_hours = ma.fields.Nested(WorkingHours, load_default=lambda: WorkingHours().load({}))
    contact_rules = ma.fields.Nested(ContactRules, load_default=lambda: ContactRules().load({}))
    repayment = ma.fields.Nested(RepaymentPolicy, load_default=lambda: RepaymentPolicy().load({}))
    reports = ma.fields.Nested(ReportPolicy, load_default=lambda: ReportPolicy().load({}))
    features = ma.fields.Nested(Features, load_default=lambda: Features().load({}))
    messages = ma.fields.Nested(MessagePolicy, load_default=lambda: MessagePolicy().load({}))
    templates = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(templates.MessageWords),
        load_default=dict,
        metadata={"description": "the brand's own words by event, in place of the standard ones"},
    )
    city_tiers = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Regexp(r"^[1-9][0-9]{2}\Z")),
        values=ma.fields.String(validate=ma.validate.OneOf(["A", "B", "C"])),
        required=True,
        metadata={"description": "first three digits of a pincode to its tier; what is not named is C"},
    )

    @ma.validates("templates")
    def _can_be_said(self, own: dict[str, Any], data_key: str) -> None:
        templates.refuse_unusable(own)

    @ma.validates_schema
    def _falls_back_elsewhere(self, data: dict[str, Any], **kwargs: Any) -> None:
        bureau = data["providers"]["bureau"]
        if bureau in data["bureau_policy"]["fallbacks"]:
            told = f"{bureau} is asked first already: it is providers.bureau."
            raise ma.ValidationError({"bureauPolicy": {"fallbacks": [told]}})
        for capability, others in data["kyc_fallbacks"].items():
            if (first := data["providers"][capability]) in others:
                told = f"{first} is asked first already: it is providers.{camel(capability)}."
                raise ma.ValidationError({"kycFallbacks": {camel(capability): [told]}})


@cache
def patch_of(schema: type[ma.Schema]) -> type[Schema]:
    """The same fields with none required and none filled in; what hangs on several fields is checked after merging."""
    return type(f"{schema.__name__}Patch", (Schema,), dict(_optional_fields(schema)))


def _optional_fields(schema: type[ma.Schema]) -> Iterator[tuple[str, ma.fields.Field]]:
    for name, declared in schema._declared_fields.items():
        if isinstance(declared, ma.fields.Nested):
            yield name, ma.fields.Nested(patch_of(declared.nested))
        else:
            optional = copy.copy(declared)
            optional.required, optional.load_default = False, ma.missing
            yield name, optional


class PolicyTerms(Schema):
    """What the credit policy in force allows (the rule set `cam`): shown with the settings, changed in the rules."""

    amount_min = Money()
    amount_max = Money()
    tenure_days_min = ma.fields.Integer()
    tenure_days_max = ma.fields.Integer()
    roi_percent_per_day_min = ma.fields.Decimal(as_string=True)
    roi_percent_per_day_max = ma.fields.Decimal(as_string=True)
    processing_fee_percent = ma.fields.Decimal(as_string=True)
    processing_fee_percent_max = ma.fields.Decimal(as_string=True)
    gst_percent = ma.fields.Decimal(as_string=True)
    gst_mode = ma.fields.String(metadata={"enum": ["EXCLUSIVE", "INCLUSIVE"]})


class BrandOut(Schema):
    """`version` is the number of the settings in force. `policy` is null while the brand has no rules."""

    id = ma.fields.String()
    name = ma.fields.String()
    version = ma.fields.Integer()
    settings = ma.fields.Nested(BrandSettings)
    policy = ma.fields.Nested(PolicyTerms, allow_none=True)


class SettingsRemarkIn(Schema):
    remark = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=500))


class SettingsChangeIn(SettingsRemarkIn):
    settings = ma.fields.Nested(
        patch_of(BrandSettings), required=True, metadata={"description": "what changes; the rest stays"}
    )
    effective_from = ma.fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "with its zone; null is now"}
    )


class SettingChange(Schema):
    field = ma.fields.String(metadata={"example": "loanRules.amountMax"})
    before = ma.fields.Raw(allow_none=True)
    after = ma.fields.Raw(allow_none=True)


class SettingsVersionOut(Schema):
    id = ma.fields.UUID()
    number = ma.fields.Integer()
    status = ma.fields.String(metadata={"enum": ["WAITING", "IN_FORCE", "PAST"]})
    changes = ma.fields.List(ma.fields.Nested(SettingChange))
    remark = ma.fields.String()
    made_by = ma.fields.String()
    effective_from = ma.fields.DateTime()
    created_at = ma.fields.DateTime()


class SettingsVersionFullOut(SettingsVersionOut):
    settings = ma.fields.Nested(BrandSettings)


class SettingsDiffArgs(Schema):
    left = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1, max=10**6))
    right = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1, max=10**6))


class FeatureOut(Schema):
    name = ma.fields.String(metadata={"example": "autoAllocation"})
    meaning = ma.fields.String()
    default = ma.fields.Boolean()
    on = ma.fields.Boolean()
