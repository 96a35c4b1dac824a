"""From an application to its decision without anybody's doing: bureau, bank data, rules, each once."""
