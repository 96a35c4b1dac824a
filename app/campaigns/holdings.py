"""What this domain holds of people: that they were on a list, which names nobody once their identity is gone."""

from app.campaigns.models import CampaignRecipient
from app.core.holding import Holding

HOLDINGS = (Holding("loan file", CampaignRecipient, customer=CampaignRecipient.customer_id, kept=True),)
