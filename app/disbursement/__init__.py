"""Paying a loan out: what must hold before, orders of two persons, bank files, cooling off."""
