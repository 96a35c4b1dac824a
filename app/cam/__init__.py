"""The credit appraisal memo: salaries and obligations in, FOIR, eligible loan and terms out."""
