"""The rights of people over their data: export, erasing, retention, holds, and what is told of a breach."""
