"""How a browser that comes back from a provider is answered."""

from flask import redirect
from werkzeug.wrappers import Response

from app.brands import service as brands
from app.kyc.digilocker import Visit


def came_back(visit: Visit) -> Visit | Response:
    """To the page of the brand's app with the status, where the brand names one; else the visit itself."""
    page = brands.settings()["onboarding"]["return_url"]
    return redirect(f"{page}?digilocker={visit.status}", 303) if page else visit
