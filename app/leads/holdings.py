"""What this domain holds of people."""

from app.core.holding import Holding
from app.leads.models import LeadForm

HOLDINGS = (Holding("leads of advertisements", LeadForm, customer=LeadForm.customer_id, deleted=True),)
