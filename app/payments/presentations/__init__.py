"""Debits of mandates: announced, presented by the gateway or in files of the sponsor bank, and what came back."""
