"""Loans that are late: notes, promises, visits, concessions, settlements, legal steps, complaints."""
