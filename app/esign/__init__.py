"""The agreement: key facts accepted, sent to be signed, signed or not."""
