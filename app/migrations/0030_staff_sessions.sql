-- Who worked when, for reports: the sessions and failed attempts of those who have a role in the brand, and no more of
-- them than that. A view reads as its owner, whom the row-level security of the roles holds to the brand.

CREATE VIEW staff_session AS
  SELECT t.id, t.partner_user_id, t.created_at, t.last_used_at, t.revoked_at, t.end_reason, t.ip, t.user_agent,
    t.device_hash
  FROM partner_login_token t
  WHERE EXISTS (
    SELECT FROM partner_user_brand_role r
    WHERE r.partner_user_id = t.partner_user_id AND r.brand_id = current_setting('app.brand_id', true));

CREATE VIEW staff_sign_in AS
  SELECT g.id, g.partner_user_id, g.created_at, g.success, g.event, g.ip
  FROM partner_user_login_log g
  WHERE EXISTS (
    SELECT FROM partner_user_brand_role r
    WHERE r.partner_user_id = g.partner_user_id AND r.brand_id = current_setting('app.brand_id', true));

GRANT SELECT ON staff_session, staff_sign_in TO los_app;
CREATE INDEX ON partner_login_token (created_at);
CREATE INDEX ON partner_user_login_log (created_at);
