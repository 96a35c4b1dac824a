"""Leads of advertisements: files read, matched to customers, worked on, exported, deleted."""
