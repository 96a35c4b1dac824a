"""What is known about a loan on its way to the payout."""

from reports.columns.expressions import REPORTED_ON, person

_SANCTION = """s.to_state IN ('SANCTION_MANAGER_APPROVED', 'APPROVED', 'REJECTED')
    AND s.from_state IN ('CREDIT_EXECUTIVE_APPROVED', 'SANCTION_MANAGER_APPROVED')"""
_WHO = "coalesce(p.name, s.actor_role)"


def _last(what: str, when: str) -> str:
    return f"(array_agg({what} ORDER BY s.id DESC) FILTER (WHERE {when}))[1]"


def _pull(condition: str) -> str:
    """The customer's newest bureau report that could be read, of those that fulfil a condition."""
    return f"""
        SELECT b.* FROM bureau_report b
        WHERE b.brand_id = l.brand_id AND b.customer_id = l.customer_id AND b.status = 'READ' AND {condition}
        ORDER BY b.id DESC LIMIT 1"""


FACTS: dict[str, str] = {
    # the latest version
    "cam": """
        SELECT m.* FROM cam_calculator m WHERE m.brand_id = l.brand_id AND m.loan_id = l.id
        ORDER BY m.version DESC LIMIT 1""",
    # the latest pull
    "bureau": """
        SELECT b.* FROM bureau_report b WHERE b.brand_id = l.brand_id AND b.loan_id = l.id
        ORDER BY b.id DESC LIMIT 1""",
    "bsa": """
        SELECT bool_or(b.status = 'READY') AS ready FROM bda_report b
        WHERE b.brand_id = l.brand_id AND b.loan_id = l.id""",
    # the one that reached the customer
    "payout": """
        SELECT p.* FROM payout p WHERE p.brand_id = l.brand_id AND p.loan_id = l.id AND p.status = 'SUCCESS'""",
    # when the loan moved, who moved it and what they said, the last time each
    "steps": f"""
        SELECT
          (array_agg(coalesce(p.name, CASE s.actor_id WHEN l.customer_id::text THEN 'CUSTOMER' ELSE s.actor_role END)
            ORDER BY s.id) FILTER (WHERE s.entity = 'loan'))[1] AS applied_by,
          min(s.created_at) FILTER (WHERE s.to_state IN ('SANCTION_MANAGER_APPROVED', 'APPROVED')) AS first_approved_at,
          max(s.created_at) FILTER (WHERE s.to_state = 'APPROVED' AND {_SANCTION}) AS approved_at,
          max(s.created_at) FILTER (WHERE s.to_state = 'SIGNED') AS signed_at,
          max(s.created_at) FILTER (WHERE s.to_state = 'CREDIT_EXECUTIVE_APPROVED' AND s.from_state = 'APPLIED')
            AS recommended_at,
          max(s.created_at) FILTER (WHERE s.to_state = 'DISBURSAL_IN_PROCESS') AS payout_at,
          max(s.created_at) FILTER (WHERE s.to_state = 'REJECTED') AS rejected_at,
          {_last(_WHO, "s.to_state = 'REJECTED'")} AS rejected_by,
          {_last(_WHO, f"s.to_state = 'APPROVED' AND {_SANCTION}")} AS approved_by,
          count(*) FILTER (WHERE s.to_state = 'REJECTED') AS rejections,
          {_last(_WHO, "s.to_state = 'CREDIT_EXECUTIVE_APPROVED'")} AS recommended_by,
          {_last(_WHO, _SANCTION)} AS sanctioned_by,
          {_last(_WHO, "s.to_state = 'DISBURSAL_IN_PROCESS'")} AS disbursed_by,
          {_last("s.remark", "s.to_state = 'CREDIT_EXECUTIVE_APPROVED'")} AS recommend_remark,
          {_last("s.remark", _SANCTION)} AS sanction_remark,
          {_last("s.remark", "s.to_state = 'DISBURSAL_IN_PROCESS'")} AS disbursal_remark,
          {_last("s.reason_code", "s.to_state = 'REJECTED'")} AS rejection_reason,
          {_last("s.remark", "s.to_state = 'REJECTED'")} AS rejection_remark
        FROM state_change s {person("s.actor_id")}
        WHERE s.brand_id = l.brand_id AND s.entity_id = l.id AND s.entity IN ('loan', 'agreement')""",
    # who works on the loan now
    "desk": """
        SELECT
          max(p.name) FILTER (WHERE a.role = 'CREDIT_EXECUTIVE') AS credit_executive,
          max(p.email) FILTER (WHERE a.role = 'CREDIT_EXECUTIVE') AS credit_executive_email,
          max(p.name) FILTER (WHERE a.role = 'COLLECTION_EXECUTIVE') AS collection_executive,
          max(p.email) FILTER (WHERE a.role = 'COLLECTION_EXECUTIVE') AS collection_executive_email,
          string_agg(p.name || ' (' || a.role || ')', '; ' ORDER BY a.role) AS everyone
        FROM loan_allotted_partner_user a JOIN partner_user p ON p.id = a.partner_user_id
        WHERE a.brand_id = l.brand_id AND a.loan_id = l.id AND a.is_active""",
    "notices": """
        SELECT min(n.sent_at) AS sanction_mailed_at FROM user_notification n
        WHERE n.brand_id = c.brand_id AND n.customer_id = c.id AND n.loan_id = l.id
          AND n.event = 'sanctioned' AND n.channel = 'EMAIL'""",
    # the pull on which the loan's last decision rested; it may have been bought for an earlier loan
    "evidence": _pull("""b.created_at <= coalesce(
          (SELECT max(d.created_at) FROM decision d WHERE d.brand_id = l.brand_id AND d.loan_id = l.id),
          l.disbursed_at)"""),
    "equifax": _pull("b.bureau = 'equifax' AND b.created_at < %(until_at)s"),
    "cibil": _pull("b.bureau = 'cibil' AND b.created_at < %(until_at)s"),
    # who we are to the bureaus
    "member": """
        SELECT b.settings #> '{bureauPolicy,memberships}' AS of FROM brand b WHERE b.id = l.brand_id""",
    # a suit that runs on the day reported
    "suit": f"""
        SELECT true AS filed FROM suit s
        WHERE s.brand_id = l.brand_id AND s.loan_id = l.id AND s.status <> 'VOID' AND s.filed_on <= {REPORTED_ON}
          AND (s.ended_on IS NULL OR s.ended_on > {REPORTED_ON}) LIMIT 1""",
    # where the file departs from the policy, and who stands for it
    "deviations": """
        SELECT string_agg(DISTINCT coalesce(d.code, d.rule_id), '; ') AS codes FROM deviation d
        WHERE d.brand_id = l.brand_id AND d.loan_id = l.id AND d.superseded_at IS NULL""",
    "authority": """
        SELECT a.level FROM sanction_approval a
        WHERE a.brand_id = l.brand_id AND a.loan_id = l.id AND a.superseded_at IS NULL
        ORDER BY array_position(ARRAY['ADMIN', 'SANCTION_HEAD', 'SANCTION_MANAGER', 'CREDIT_EXECUTIVE'], a.level)
        LIMIT 1""",
    "hands": """
        SELECT count(*) FILTER (WHERE a.allocation_type = 'REALLOCATED') > 0 AS changed
        FROM loan_allotted_partner_user a
        WHERE a.brand_id = l.brand_id AND a.loan_id = l.id AND a.kind IN ('LOAN', 'CREDIT')""",
    # the newest decision of the rules
    "verdict": """
        SELECT d.outcome, d.ruleset_hash, d.record_hash, t.tier FROM decision d
        JOIN decision_text t ON t.brand_id = d.brand_id AND t.hash = d.record_hash
        WHERE d.brand_id = l.brand_id AND d.loan_id = l.id ORDER BY d.id DESC LIMIT 1""",
    # how the application stood at the end of the days asked for: REJECTED, APPROVED, CANCELLED; APPLIED if it came back
    "ruling": f"""
        SELECT s.from_state, s.to_state, s.created_at AS at, s.reason_code, {_WHO} AS who
        FROM state_change s {person("s.actor_id")}
        WHERE s.brand_id = l.brand_id AND s.entity_id = l.id AND s.entity = 'loan' AND s.created_at < %(until_at)s
          AND (s.to_state IN ('REJECTED', 'CANCELLED') OR (s.to_state = 'APPROVED' AND {_SANCTION})
            OR (s.to_state = 'APPLIED' AND s.from_state IN ('REJECTED', 'CANCELLED')))
        ORDER BY s.id DESC LIMIT 1""",
    # the code of the rule that is named first
    "ruled": """
        SELECT v ->> 'code' AS code FROM decision d
        JOIN decision_text t ON t.brand_id = d.brand_id AND t.hash = d.record_hash,
          jsonb_array_elements(t.record::jsonb -> 'verdicts') v
        WHERE d.brand_id = l.brand_id AND d.loan_id = l.id AND ruling.to_state = 'REJECTED'
          AND v ->> 'rule_id' = split_part(ruling.reason_code, ',', 1)
        ORDER BY d.id DESC LIMIT 1""",
    # what each rule of the newest decision said, and the codes of those for which it was rejected
    "judged": """
        SELECT jsonb_object_agg(v ->> 'rule_id', v ->> 'verdict')::text AS verdicts,
          string_agg(v ->> 'code', '; ' ORDER BY array_position(r.ids, v ->> 'rule_id'))
            FILTER (WHERE v ->> 'rule_id' = ANY(r.ids)) AS codes
        FROM (SELECT t.record FROM decision d
          JOIN decision_text t ON t.brand_id = d.brand_id AND t.hash = d.record_hash
          WHERE d.brand_id = l.brand_id AND d.loan_id = l.id
          ORDER BY d.id DESC LIMIT 1) d
        CROSS JOIN (SELECT string_to_array(ruling.reason_code, ',') AS ids) r,
        jsonb_array_elements(d.record::jsonb -> 'verdicts') v""",
}
