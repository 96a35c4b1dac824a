"""A believable book of any size: leads, applications, decisions, payouts, repayments, by COPY.

The same seed, brand, size and last day give the same book; only ciphertexts differ. It is made in chunks. A small book
is written chunk by chunk, so a run that broke off is gone on with by the same command; a large one as a whole or not
at all.
"""

from app.seed.book.planting import Shape, plant

__all__ = ["Shape", "plant"]
