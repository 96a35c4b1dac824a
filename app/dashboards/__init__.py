"""What the portal shows at a glance: files of loans and customers, lists by stage, saved views, the dashboard."""
