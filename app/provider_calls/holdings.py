"""What this domain holds of people: calls to providers, masked."""

from app.core.holding import Holding
from app.provider_calls.models import ProviderCall

HOLDINGS = (Holding("provider calls", ProviderCall, deleted=True),)
