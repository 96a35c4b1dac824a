"""Collections, for other domains."""

from app.collections.promises import judge as judge_promises

__all__ = ["judge_promises"]
