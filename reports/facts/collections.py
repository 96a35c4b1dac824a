"""Who collects a loan, and what was said and promised."""

from reports.columns.expressions import TODAY, day

FACTS: dict[str, str] = {
    "supervisor": """
        SELECT u.name, u.email FROM loan_allotted_partner_user s JOIN partner_user u ON u.id = s.partner_user_id
        WHERE s.brand_id = l.brand_id AND s.loan_id = l.id AND s.kind = 'SUPERVISION' AND s.is_active LIMIT 1""",
    # whom somebody reports to in the role in which they were given something
    "manager": """
        SELECT u.name FROM partner_user_brand_role r JOIN partner_user u ON u.id = r.reports_to
        WHERE r.brand_id = a.brand_id AND r.partner_user_id = a.partner_user_id AND r.role = a.role""",
    # what came of the last contact
    "talk": """
        SELECT d.code, d.remark, d.created_at FROM disposition d
        WHERE d.brand_id = l.brand_id AND d.loan_id = l.id ORDER BY d.id DESC LIMIT 1""",
    "promise": """
        SELECT d.due_on, d.amount FROM promise_to_pay d WHERE d.brand_id = l.brand_id AND d.loan_id = l.id
        ORDER BY d.id DESC LIMIT 1""",
    # what was promised in a contact
    "promised": f"""
        SELECT d.due_on, d.amount FROM promise_to_pay d
        WHERE d.brand_id = o.brand_id AND d.loan_id = o.loan_id AND o.code = 'PTP' AND d.made_by = o.author_id
          AND d.made_on = {day("o.created_at")}
        ORDER BY d.id DESC LIMIT 1""",
    # why less than all was taken, or nothing more is expected
    "conceded": """
        SELECT coalesce(k.remark, k.reason) AS remark FROM concession k
        WHERE k.brand_id = l.brand_id AND k.loan_id = l.id AND k.status = 'DONE'
          AND k.kind IN ('SETTLEMENT', 'WRITE_OFF') ORDER BY k.id DESC LIMIT 1""",
    "contact": """
        SELECT max(m.made_at) AS made_at FROM contact_attempt m
        WHERE m.brand_id = c.brand_id AND m.customer_id = c.id""",
    # not to be contacted now, in whatever way
    "silence": f"""
        SELECT count(*) > 0 AS holds FROM no_contact n
        WHERE n.brand_id = c.brand_id AND n.customer_id = c.id AND n.ended_at IS NULL AND n.from_date <= {TODAY}
          AND coalesce(n.until_date >= {TODAY}, true)""",
    # what somebody did with an application that was given to them; theirs until it was given to another
    "work": """
        SELECT min(s.at) AS first_at, min(s.at) FILTER (WHERE s.target IS NOT NULL) AS decided_at,
          (array_agg(s.target ORDER BY s.at) FILTER (WHERE s.target IS NOT NULL))[1] AS decision
        FROM (
          SELECT s.created_at AS at,
            CASE WHEN s.to_state IN ('CREDIT_EXECUTIVE_APPROVED', 'REJECTED') THEN s.to_state END AS target
          FROM state_change s WHERE s.brand_id = a.brand_id AND s.entity_id = a.loan_id AND s.entity = 'loan'
            AND s.actor_id = a.partner_user_id::text
          UNION ALL
          SELECT m.created_at, NULL FROM cam_calculator m
          WHERE m.brand_id = a.brand_id AND m.loan_id = a.loan_id AND m.partner_user_id = a.partner_user_id
          UNION ALL
          SELECT r.created_at, NULL FROM loan_remark r
          WHERE r.brand_id = a.brand_id AND r.loan_id = a.loan_id AND r.author_id = a.partner_user_id::text
        ) s WHERE s.at >= a.created_at AND s.at <= coalesce(a.ended_at, 'infinity')""",
    # when the desks of the brand are open
    "desk_hours": """
        SELECT coalesce(h.told ->> 'opens', '10:00')::time AS opens,
          coalesce(h.told ->> 'closes', '19:00')::time AS closes,
          ARRAY(SELECT jsonb_array_elements_text(coalesce(h.told -> 'days', '["MON","TUE","WED","THU","FRI","SAT"]')))
            AS days,
          ARRAY(SELECT d::date FROM jsonb_array_elements_text(coalesce(h.told -> 'holidays', '[]')) d) AS holidays
        FROM (SELECT s.settings -> 'workingHours' AS told FROM brand s WHERE s.id = %(brand_id)s) h""",
    # who had it before, and who after
    "before": """
        SELECT u.name FROM loan_allotted_partner_user b JOIN partner_user u ON u.id = b.partner_user_id
        WHERE b.brand_id = a.brand_id AND b.loan_id = a.loan_id AND b.kind = a.kind AND b.id < a.id
        ORDER BY b.id DESC LIMIT 1""",
    "after": """
        SELECT b.id FROM loan_allotted_partner_user b
        WHERE b.brand_id = a.brand_id AND b.loan_id = a.loan_id AND b.kind = a.kind AND b.id > a.id
        ORDER BY b.id LIMIT 1""",
}
