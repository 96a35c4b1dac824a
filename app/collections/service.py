"""Collections, for other domains."""

from app.collections.concessions import conclude as conclude_settlements
from app.collections.promises import judge as judge_promises

__all__ = ["conclude_settlements", "judge_promises"]
