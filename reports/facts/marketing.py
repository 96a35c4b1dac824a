"""Where a customer came from, and what became of them."""


def _click(which: str, order: str) -> str:
    return f"""
        SELECT k.*, v.created_at AS touched_at FROM customer_touch v
        JOIN click k ON k.brand_id = v.brand_id AND k.id = v.click_id
        WHERE v.brand_id = c.brand_id AND v.customer_id = c.id AND {which} ORDER BY {order} LIMIT 1"""


FACTS: dict[str, str] = {
    # how they came, and what brought them back last
    "first_click": _click("v.is_first", "v.id"),
    "last_click": _click("true", "v.id DESC"),
    # the advertisement's form that they filled in, matched by phone or e-mail
    "form": """
        SELECT f.* FROM lead_form f WHERE f.brand_id = c.brand_id AND f.customer_id = c.id ORDER BY f.id LIMIT 1""",
}
