"""Twin of Digitap: PAN, Aadhaar OTP, penny drop, EPFO and mobile numbers, answered from the personas.

Each module is a group of its calls, core.py what they share. Documented: paths, envelopes, result codes, the wording of
HTTP 400 and 401. Assumed: a refusal in the `code`/`msg` envelope comes as HTTP 200, and its wording; the fields of an
address. PANs that start with XXX do not exist, and nobody is known by a number bound to one.
"""

from app.sandbox.digitap import accounts, employment, identity, mobile
from app.sandbox.digitap.core import twin

__all__ = ["accounts", "employment", "identity", "mobile", "twin"]
