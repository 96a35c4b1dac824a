"""Narrations of real statements, masked, with the category that another analyser gave them."""

import polars as pl

from pipelines.bsa.evaluation import labelled_templates, predictions, scores

# What is masked (a lender's name, say) cannot be read, and the other analyser errs too: an instalment that the bank
# writes as `EMI 1234` is TRANSFER OUT there. So these are floors below what a whole narration gives.
FLOORS = {"SALARY": 0.95, "EMI": 0.8, "BOUNCE": 0.9, "TRANSFER": 0.9, "CASH": 0.95}


def test_masked_narrations_are_read_as_another_analyser_did(samples):
    table = pl.read_csv(samples / "statements" / "narration_templates_masked.csv", infer_schema=False)
    lines = {line["label"]: line for line in scores(predictions(labelled_templates(table)))}
    low = {name: lines[name] for name, floor in FLOORS.items() if _lowest(lines[name]) < floor}
    assert low == {}


def _lowest(line: dict) -> float:
    return min(line["precision"], line["recall"])
