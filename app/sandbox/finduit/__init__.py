"""Twin of FINDUIT as an Account Aggregator: ReBIT v2.0.0 with real signatures and real encryption.

Each module is a group of its calls, core.py what they share.
The customer's side is `GET /finduit/consent/<handle>`, a page with buttons, and `POST
/finduit/consent/<handle>/<approve|reject|revoke|pause|expire>`, what the buttons do: the consent changes and its
notification goes to `<callback>/aa/brand/<brand>/Consent/Notification`. An FI request is answered at once by the
customer's banks (app/sandbox/holdings.py); `.../FI/Notification` then says COMPLETED. The brand is what follows the
last hyphen of the DataConsumer's id: `fiu-qualoan`.

The body of `approve` may make trouble: {"unavailableFips": [...]} do not deliver, {"wrongKeyFips": [...]} encrypt for
somebody else. The fault `bad_signature` spoils the signature of an answer or a notification.
"""

from app.sandbox.finduit import consents, information
from app.sandbox.finduit.core import twin

__all__ = ["consents", "information", "twin"]
