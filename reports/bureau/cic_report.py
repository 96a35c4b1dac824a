"""The accounts for a bureau in its compact layout, and the pull that each loan's decision rested on."""

from reports.bureau.accounts import accounts_report, pull
from reports.columns import shared

COLUMNS = shared("""
    customer_id consumer_name=customer_name date_of_birth gender=gender_code income_tax_id_number=pan
    universal_id_number=aadhaar_masked telephone_no_mobile=mobile telephone_no_residence=home_phone email_id_1=email
    email_id_2=office_email address_line_1=aadhaar_address state_code_1=state_code pin_code_1=aadhaar_pincode
    state_code pin=aadhaar_pincode address_category_1 residence_code_1
    current_new_member_code=cibil_member_code current_new_member_short_name=cibil_member_short_name
    curr_new_account_no=loan_no account_type=bureau_account_type
    ownership_indicator date_opened_disbursed date_of_last_payment date_closed date_of_repayment
    date_reported high_credit_sanctioned_amt current_balance amt_overdue no_of_days_past_due
    asset_classification occupation_code errors file
""") + pull("evidence")

REPORT = accounts_report("cic-report", "Accounts for the bureaus, compact", COLUMNS)
