"""Collections, for other domains."""

from app.collections.promises import judge as judge_promises
from app.collections.promises import remind as remind_promises
from app.collections.settling import conclude as conclude_settlements

__all__ = ["conclude_settlements", "judge_promises", "remind_promises"]
