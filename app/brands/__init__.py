"""Brands and their settings: a declaration a subject, validated, each change a version."""
