"""The rule language: files, expressions, inputs, and the checked rule set that they make."""
