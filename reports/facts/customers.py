"""What is known about a customer."""

FACTS: dict[str, str] = {
    # the latest that a penny drop verified
    "account": """
        SELECT a.* FROM user_bank_account a WHERE a.brand_id = c.brand_id AND a.customer_id = c.id AND a.verified
        ORDER BY a.id DESC LIMIT 1""",
    # the present one, else the last
    "employer": """
        SELECT e.* FROM employment e WHERE e.brand_id = c.brand_id AND e.customer_id = c.id
        ORDER BY e.is_current DESC, e.joining_date DESC NULLS LAST, e.id DESC LIMIT 1""",
    "kyc": """
        SELECT bool_or(k.kind = 'PAN') AS pan_verified, bool_or(k.kind = 'AADHAAR') AS aadhaar_verified,
          (array_agg(k.result_enc ORDER BY k.id DESC) FILTER (WHERE k.kind = 'AADHAAR'))[1] AS aadhaar_result
        FROM kyc_check k WHERE k.brand_id = c.brand_id AND k.customer_id = c.id AND k.status = 'VERIFIED'""",
    "papers": """
        SELECT bool_or(d.kind = 'AADHAAR') AS aadhaar, bool_or(d.kind = 'PAN_CARD') AS pan,
          bool_or(d.kind = 'BANK_STATEMENT') AS bank_statement, bool_or(d.kind = 'SELFIE') AS others,
          count(*) FILTER (WHERE d.kind = 'SALARY_SLIP') AS salary_slips,
          (array_agg(d.net_salary ORDER BY d.salary_month DESC NULLS LAST, d.id DESC)
            FILTER (WHERE d.net_salary IS NOT NULL))[1] AS net_salary
        FROM document d WHERE d.brand_id = c.brand_id AND d.customer_id = c.id AND d.status <> 'REJECTED'""",
    # what they told of papers besides PAN and Aadhaar
    "proofs": """
        SELECT max(i.number_enc) FILTER (WHERE i.kind = 'PASSPORT') AS passport,
          max(i.issued_on) FILTER (WHERE i.kind = 'PASSPORT') AS passport_issued_on,
          max(i.expires_on) FILTER (WHERE i.kind = 'PASSPORT') AS passport_expires_on,
          max(i.number_enc) FILTER (WHERE i.kind = 'DRIVING_LICENCE') AS licence,
          max(i.issued_on) FILTER (WHERE i.kind = 'DRIVING_LICENCE') AS licence_issued_on,
          max(i.expires_on) FILTER (WHERE i.kind = 'DRIVING_LICENCE') AS licence_expires_on,
          max(i.number_enc) FILTER (WHERE i.kind = 'VOTER_ID') AS voter_id,
          max(i.number_enc) FILTER (WHERE i.kind = 'RATION_CARD') AS ration_card,
          max(i.number_enc) FILTER (WHERE i.kind = 'NREGA_JOB_CARD') AS job_card,
          max(i.number_enc) FILTER (WHERE i.kind = 'CKYC') AS ckyc
        FROM identity_paper i WHERE i.brand_id = c.brand_id AND i.customer_id = c.id""",
    # all loans of the customer, oldest first
    "book": """
        SELECT min(b.created_at) AS first_applied_at, min(b.disbursed_at) AS first_disbursed_at,
          count(b.disbursed_at) AS disbursed_loans,
          count(*) FILTER (WHERE b.status = 'COMPLETED') AS completed_loans,
          string_agg(b.loan_no, '; ' ORDER BY b.id) AS loan_nos,
          string_agg(b.status, '; ' ORDER BY b.id) AS statuses,
          string_agg(coalesce(b.sanctioned_amount, b.applied_amount)::text, '; ' ORDER BY b.id) AS amounts
        FROM loan b WHERE b.brand_id = c.brand_id AND b.customer_id = c.id""",
    # the way of each of them through its statuses
    "ways": """
        SELECT string_agg(b.loan_no || ': ' || h.states, '; ' ORDER BY b.id) AS states,
          string_agg(b.loan_no || ': ' || h.reasons, '; ' ORDER BY b.id) AS reasons
        FROM loan b JOIN LATERAL (
          SELECT string_agg(s.to_state, ' → ' ORDER BY s.id) AS states,
            string_agg(concat_ws(' ', s.to_state, s.reason_code, s.remark), ', ' ORDER BY s.id)
              FILTER (WHERE coalesce(s.reason_code, s.remark) IS NOT NULL) AS reasons
          FROM state_change s WHERE s.brand_id = b.brand_id AND s.entity_id = b.id AND s.entity = 'loan') h ON true
        WHERE b.brand_id = c.brand_id AND b.customer_id = c.id""",
    # the same Aadhaar, or the same bank account, at another customer of the brand
    "double": """
        SELECT EXISTS (
          SELECT FROM customer o
          WHERE o.brand_id = c.brand_id AND o.aadhaar_hash = c.aadhaar_hash AND o.id <> c.id
        ) OR EXISTS (
          SELECT FROM user_bank_account a JOIN user_bank_account o
            ON o.brand_id = a.brand_id AND o.account_hash = a.account_hash AND o.customer_id <> a.customer_id
          WHERE a.brand_id = c.brand_id AND a.customer_id = c.id) AS found""",
    # whom staff may call about the customer
    "friends": """
        SELECT (array_agg(r.name_enc ORDER BY r.id))[1] AS name_1, (array_agg(r.phone_enc ORDER BY r.id))[1] AS phone_1,
          (array_agg(r.relation ORDER BY r.id))[1] AS relation_1,
          (array_agg(r.name_enc ORDER BY r.id))[2] AS name_2, (array_agg(r.phone_enc ORDER BY r.id))[2] AS phone_2,
          (array_agg(r.relation ORDER BY r.id))[2] AS relation_2
        FROM customer_reference r WHERE r.brand_id = c.brand_id AND r.customer_id = c.id""",
    # who looks after the customer before there is a loan
    "carer": """
        SELECT p.name FROM loan_allotted_partner_user a JOIN partner_user p ON p.id = a.partner_user_id
        WHERE a.brand_id = c.brand_id AND a.customer_id = c.id AND a.loan_id IS NULL
        ORDER BY a.is_active DESC, a.id DESC LIMIT 1""",
    # the last message that reached them
    "message": """
        SELECT max(n.sent_at) AS sent_at FROM user_notification n
        WHERE n.brand_id = c.brand_id AND n.customer_id = c.id""",
}
