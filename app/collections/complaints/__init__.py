"""Complaints about how somebody is collected from: made, answered in time, escalated."""
