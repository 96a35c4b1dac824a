"""Who may do what: the roles x features matrix of the platform, refined into permissions.

`MATRIX` is the contract, a row a feature. `GRANTS` hangs each permission on a feature, and narrows it where
the feature is seen by more roles than may act in it.
"""

from enum import StrEnum

from app.core.identity import STAFF_ROLES, Role
from app.core.identity import Role as R

_ADMINS = {R.SUPER_ADMIN, R.ADMIN}
_COLLECTORS = {R.COLLECTION_EXECUTIVE, R.COLLECTION_MANAGER, R.COLLECTION_HEAD}

MATRIX: dict[str, set[Role]] = {
    "Dashboard": set(STAFF_ROLES),
    "Customer List": _ADMINS | {R.LOAN_EXECUTIVE, R.CREDIT_EXECUTIVE},
    "Loans List": _ADMINS | {R.LOAN_EXECUTIVE, R.CREDIT_EXECUTIVE},
    "Sanction Manager View": _ADMINS | {R.SANCTION_MANAGER, R.SANCTION_HEAD},
    "Credit Executive View": _ADMINS | {R.CREDIT_EXECUTIVE},
    "Collections": _ADMINS | _COLLECTORS,
    "Pre-Collection": _ADMINS | _COLLECTORS,
    "Write-Off Authority": _ADMINS | {R.COLLECTION_HEAD},
    "Loan Ops": _ADMINS,
    "Settings": _ADMINS,
    "Reports": _ADMINS | {R.COLLECTION_MANAGER, R.COLLECTION_HEAD},
    "Staff Management": _ADMINS,
}


class Permission(StrEnum):
    DASHBOARD_VIEW = "dashboard:view"
    VIEWS_SHARE = "views:share"
    CUSTOMERS_VIEW = "customers:view"
    CUSTOMERS_REVEAL = "customers:reveal"
    KYC_VIEW = "kyc:view"
    DOCUMENTS_REVIEW = "documents:review"
    KYC_REFRESH = "kyc:refresh"
    LOANS_VIEW = "loans:view"
    LOAN_FILE_VIEW = "loan-file:view"
    LOAN_REMARK = "loan:remark"
    CREDIT_ASSESS = "credit:assess"
    BUREAU_REPULL = "bureau:repull"
    CAM_VIEW = "cam:view"
    CAM_SAVE = "cam:save"
    LOAN_RECOMMEND = "loan:recommend"
    SANCTION_VIEW = "sanction:view"
    LOAN_HOLD = "loan:hold"
    SANCTION_DECIDE = "sanction:decide"
    LOAN_REACTIVATE = "loan:reactivate"
    DISBURSE = "loan-ops:disburse"
    DISBURSE_RELEASE = "loan-ops:release"
    MANDATE_WAIVE = "mandate:waive"
    DOCUMENTS_MAKE = "documents:make"
    DEMAND_NOTICE_MAKE = "demand-notice:make"
    LEDGER_VIEW = "ledger:view"
    TRIAL_BALANCE_VIEW = "trial-balance:view"
    PAYMENT_LINK_CREATE = "payment-link:create"
    CONTACT_VIEW = "contact:view"
    CONTACT_RESTRICT = "contact:restrict"
    CONTACT_BREACHES = "contact:breaches"
    COLLECTIONS_VIEW = "collections:view"
    COLLECTIONS_WORK = "collections:work"
    COLLECTIONS_LEAD = "collections:lead"
    LEDGER_TAKE_BACK = "ledger:take-back"
    MANUAL_PAYMENT_ADD = "manual-payment:add"
    PAYMENT_APPROVE = "payment:approve"
    SUSPENSE_PLACE = "suspense:place"
    REFUND_MAKE = "refund:make"
    RECONCILIATION_VIEW = "reconciliation:view"
    MANDATE_PRESENT = "mandate:present"
    REPORTS_RUN = "reports:run"
    REPORTS_UNMASKED = "reports:unmasked"
    AUDIT_VIEW = "audit:view"
    PRIVACY_HANDLE = "privacy:handle"
    SETTINGS_VIEW = "settings:view"
    SETTINGS_EDIT = "settings:edit"
    BRANDS_ADMIN = "brands:admin"
    ACQUISITION_VIEW = "acquisition:view"
    AFFILIATES_EDIT = "affiliates:edit"
    SPEND = "marketing-spend:manage"
    CALLS = "calls:use"
    REMINDERS = "reminders:use"
    CAMPAIGNS = "campaigns:manage"
    DIALER_EDIT = "dialer:edit"
    LEADS_VIEW = "leads:view"
    LEADS_MANAGE = "leads:manage"
    LEADS_DELETE = "leads:delete"
    POLICY_VIEW = "policy:view"
    POLICY_DRAFT = "policy:draft"
    POLICY_APPROVE = "policy:approve"
    PROVIDERS_VIEW = "providers:view"
    STAFF_VIEW = "staff:view"
    STAFF_MANAGE = "staff:manage"
    STAFF_RATE = "staff:rate"
    PROVIDER_PRICE_SET = "provider-price:set"
    TEMPLATES_VIEW = "templates:view"
    TEMPLATES_EDIT = "templates:edit"
    MESSAGES_VIEW = "messages:view"
    MESSAGES_RESEND = "messages:resend"
    NOTIFICATIONS_OWN = "notifications:own"
    ALLOCATION_OWN = "allocation:own"
    ALLOCATION_MANAGE = "allocation:manage"


# permission -> the features that give it
_FEATURES: dict[Permission, tuple[str, ...]] = {
    Permission.DASHBOARD_VIEW: ("Dashboard",),
    Permission.VIEWS_SHARE: ("Dashboard",),
    Permission.CUSTOMERS_VIEW: ("Customer List",),
    Permission.CUSTOMERS_REVEAL: ("Customer List",),
    # whoever sanctions weighs who somebody is, without the list of all customers
    Permission.KYC_VIEW: ("Customer List", "Sanction Manager View"),
    Permission.DOCUMENTS_REVIEW: ("Customer List",),
    Permission.KYC_REFRESH: ("Customer List",),
    Permission.LOANS_VIEW: ("Loans List", "Sanction Manager View", "Collections"),
    Permission.LOAN_FILE_VIEW: ("Loans List", "Sanction Manager View", "Collections"),
    Permission.LOAN_REMARK: ("Loans List", "Sanction Manager View", "Collections"),
    Permission.CREDIT_ASSESS: ("Credit Executive View",),
    Permission.BUREAU_REPULL: ("Settings",),
    Permission.CAM_VIEW: ("Credit Executive View", "Sanction Manager View"),
    Permission.CAM_SAVE: ("Credit Executive View",),
    Permission.LOAN_RECOMMEND: ("Credit Executive View",),
    Permission.SANCTION_VIEW: ("Credit Executive View", "Sanction Manager View"),
    Permission.LOAN_HOLD: ("Credit Executive View", "Sanction Manager View"),
    Permission.SANCTION_DECIDE: ("Sanction Manager View",),
    # two rights, so that a brand can give them to two people; one person never uses both on a loan
    Permission.LOAN_REACTIVATE: ("Sanction Manager View",),
    Permission.DISBURSE: ("Loan Ops",),
    Permission.DISBURSE_RELEASE: ("Loan Ops",),
    Permission.MANDATE_WAIVE: ("Loan Ops", "Sanction Manager View"),
    Permission.DOCUMENTS_MAKE: ("Loan Ops", "Credit Executive View", "Sanction Manager View"),
    Permission.DEMAND_NOTICE_MAKE: ("Collections",),
    Permission.LEDGER_VIEW: ("Loan Ops", "Collections", "Sanction Manager View", "Loans List"),
    Permission.TRIAL_BALANCE_VIEW: ("Loan Ops",),
    Permission.PAYMENT_LINK_CREATE: ("Loan Ops", "Collections", "Pre-Collection"),
    Permission.CONTACT_VIEW: ("Collections", "Pre-Collection", "Customer List"),
    # whoever hears that somebody is not to be contacted writes it down
    Permission.CONTACT_RESTRICT: ("Collections", "Pre-Collection", "Customer List"),
    Permission.CONTACT_BREACHES: ("Collections",),
    Permission.COLLECTIONS_VIEW: ("Collections", "Pre-Collection"),
    Permission.COLLECTIONS_WORK: ("Collections", "Pre-Collection"),
    Permission.COLLECTIONS_LEAD: ("Collections", "Write-Off Authority"),
    Permission.LEDGER_TAKE_BACK: ("Loan Ops",),
    Permission.MANUAL_PAYMENT_ADD: ("Loan Ops", "Collections", "Pre-Collection"),
    Permission.PAYMENT_APPROVE: ("Loan Ops",),
    Permission.SUSPENSE_PLACE: ("Loan Ops",),
    Permission.REFUND_MAKE: ("Loan Ops",),
    Permission.RECONCILIATION_VIEW: ("Loan Ops",),
    Permission.MANDATE_PRESENT: ("Loan Ops", "Collections"),
    Permission.REPORTS_RUN: ("Reports",),
    Permission.REPORTS_UNMASKED: ("Settings",),
    Permission.AUDIT_VIEW: ("Settings",),
    Permission.PRIVACY_HANDLE: ("Settings",),
    Permission.SETTINGS_VIEW: ("Settings",),
    Permission.SETTINGS_EDIT: ("Settings",),
    Permission.BRANDS_ADMIN: ("Settings",),
    Permission.ACQUISITION_VIEW: ("Customer List",),
    Permission.AFFILIATES_EDIT: ("Settings",),
    Permission.SPEND: ("Customer List",),
    # from any page of a customer or a loan
    Permission.CALLS: (
        "Customer List",
        "Loans List",
        "Sanction Manager View",
        "Collections",
        "Pre-Collection",
    ),
    Permission.DIALER_EDIT: ("Settings",),
    Permission.REMINDERS: ("Customer List", "Collections", "Pre-Collection"),
    Permission.CAMPAIGNS: ("Customer List", "Collections"),
    Permission.LEADS_VIEW: ("Customer List",),
    Permission.LEADS_MANAGE: ("Customer List",),
    Permission.LEADS_DELETE: ("Settings",),
    # rules are credit work: who assesses or sanctions reads, drafts, tests and backtests them
    Permission.POLICY_VIEW: ("Credit Executive View", "Sanction Manager View"),
    Permission.POLICY_DRAFT: ("Credit Executive View", "Sanction Manager View"),
    Permission.POLICY_APPROVE: ("Sanction Manager View",),
    Permission.PROVIDERS_VIEW: ("Settings",),
    Permission.STAFF_VIEW: ("Staff Management",),
    Permission.STAFF_MANAGE: ("Staff Management",),
    # who leads a team sees its work, and rates it
    Permission.STAFF_RATE: ("Staff Management", "Collections", "Sanction Manager View"),
    Permission.PROVIDER_PRICE_SET: ("Settings",),
    Permission.TEMPLATES_VIEW: ("Settings", "Collections"),
    Permission.TEMPLATES_EDIT: ("Settings",),
    Permission.MESSAGES_VIEW: ("Customer List", "Collections"),
    Permission.MESSAGES_RESEND: ("Settings",),
    Permission.NOTIFICATIONS_OWN: ("Dashboard",),
    Permission.ALLOCATION_OWN: ("Dashboard",),
    Permission.ALLOCATION_MANAGE: ("Staff Management", "Collections", "Sanction Manager View"),
}

# permission -> the roles that may act, where more of them see the feature
_NARROWED: dict[Permission, set[Role]] = {
    # personal data in full is for those who assess a customer, and for administrators
    # who leads says what a list should look like
    Permission.VIEWS_SHARE: _ADMINS
    | {R.SANCTION_MANAGER, R.SANCTION_HEAD, R.COLLECTION_MANAGER, R.COLLECTION_HEAD},
    Permission.CUSTOMERS_REVEAL: _ADMINS | {R.CREDIT_EXECUTIVE},
    # what was paid for is bought again by those who decide on it
    Permission.KYC_REFRESH: _ADMINS | {R.CREDIT_EXECUTIVE},
    # what goes to a whole list is the word of who leads
    Permission.CAMPAIGNS: _ADMINS | {R.COLLECTION_MANAGER, R.COLLECTION_HEAD},
    # files of leads are the work of administrators and of sales, who are loan executives here
    Permission.LEADS_MANAGE: _ADMINS | {R.LOAN_EXECUTIVE},
    # and so is what brought them
    Permission.SPEND: _ADMINS | {R.LOAN_EXECUTIVE},
    # what decides on every application goes live by the hand of a head or an administrator
    Permission.POLICY_APPROVE: _ADMINS | {R.SANCTION_HEAD},
    # what was decided is taken up again by a head or an administrator
    Permission.LOAN_REACTIVATE: _ADMINS | {R.SANCTION_HEAD},
    Permission.STAFF_RATE: _ADMINS | {R.SANCTION_HEAD, R.COLLECTION_MANAGER, R.COLLECTION_HEAD},
    # who leads a team gives out its work; which kinds each of them leads is in app/allocation/kinds.py
    Permission.ALLOCATION_MANAGE: _ADMINS
    | {R.SANCTION_MANAGER, R.SANCTION_HEAD, R.COLLECTION_MANAGER, R.COLLECTION_HEAD},
    # a loan without the mandate that the brand asks for is a risk that a head takes
    Permission.MANDATE_WAIVE: _ADMINS | {R.SANCTION_HEAD},
    # who leads collectors; how much each of them may give up is policy: app/collections/concessions/service.py
    Permission.COLLECTIONS_LEAD: _ADMINS | {R.COLLECTION_MANAGER, R.COLLECTION_HEAD},
    # whoever answers for how customers are collected from
    Permission.CONTACT_BREACHES: _ADMINS | {R.COLLECTION_HEAD},
    # a debit of somebody's account is asked for by who leads
    Permission.MANDATE_PRESENT: _ADMINS | {R.COLLECTION_MANAGER, R.COLLECTION_HEAD},
    # above the brands
    Permission.BRANDS_ADMIN: {R.SUPER_ADMIN},
}


def _granted(permission: Permission) -> frozenset[Role]:
    seen = frozenset().union(*(MATRIX[feature] for feature in _FEATURES[permission]))
    return seen & _NARROWED.get(permission, seen)


GRANTS: dict[Permission, frozenset[Role]] = {permission: _granted(permission) for permission in _FEATURES}


def permissions_of(roles: frozenset[Role]) -> list[str]:
    """What these roles together may do."""
    return sorted(permission.value for permission, allowed in GRANTS.items() if allowed & roles)
