"""Who works on which application and which overdue loan: chosen by rules, moved by people."""
