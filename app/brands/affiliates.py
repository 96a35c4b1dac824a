"""How a brand settles with its affiliates."""

from decimal import Decimal

from app.core.http import Bounded, Schema

# of commission, since 1 October 2024: section 194H of the Income-tax Act, by the Finance (No. 2) Act 2024
TDS_PERCENT = Decimal(2)


class AffiliatePolicy(Schema):
    """What an affiliate gets, and how that is counted, is said of each affiliate."""

    tds_percent = Bounded(
        "0",
        "40",
        load_default=TDS_PERCENT,
        metadata={
            "description": "kept back for the tax of what an affiliate gets before GST: 2 on commission since "
            "1 October 2024 (Income-tax Act, section 194H; Finance (No. 2) Act 2024)"
        },
    )
