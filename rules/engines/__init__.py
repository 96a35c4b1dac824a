"""What works rules out: the exact evaluator and durable-rules for one application, polars for whole books."""
