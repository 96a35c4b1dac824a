"""Simulated providers over real HTTP, with the paths, bodies, signatures and errors of the real ones."""

import os
from collections.abc import Callable
from datetime import date

from flask import Flask

from app.sandbox import (
    acefone,
    aisensy,
    cart,
    cart_aa,
    cashfree,
    cibil,
    crif,
    digilocker,
    digitap,
    equifax,
    finbox,
    finduit,
    gupshup,
    gupshup_whatsapp,
    msg91,
    razorpay,
    scoreme,
    sendgrid,
    signdesk,
    signzy,
)
from app.sandbox.base import Simulator, Twin
from app.sandbox.control import control

# Every twin answers under /<its name>/.
TWINS: tuple[Twin, ...] = (
    acefone.twin,
    aisensy.twin,
    cart.twin,
    cart_aa.twin,
    cashfree.twin,
    cibil.twin,
    crif.twin,
    digilocker.twin,
    digitap.twin,
    equifax.twin,
    finbox.twin,
    finduit.twin,
    gupshup.twin,
    gupshup_whatsapp.twin,
    msg91.twin,
    razorpay.twin,
    scoreme.twin,
    sendgrid.twin,
    signdesk.twin,
    signzy.twin,
)


def create_app(
    callback_url: str | None = None,
    delay_s: float = 0.05,
    timeout_s: float = 30.0,
    today: Callable[[], date] | None = None,
) -> Flask:
    """The sandbox as a WSGI application, for one process with threads (its state is in memory).

    callback_url is the base URL of the API that receives webhooks (default: SANDBOX_CALLBACK_URL);
    delay_s is how long after its cause a webhook goes out; timeout_s how long a call that meets
    the fault `timeout` hangs. `app.extensions["sandbox"].close()` ends everything that waits.
    """
    app = Flask(__name__)
    url = callback_url or os.environ.get("SANDBOX_CALLBACK_URL", "http://127.0.0.1:4002")
    app.extensions["sandbox"] = Simulator(url, delay_s, timeout_s, today)
    for blueprint in (*TWINS, control):
        app.register_blueprint(blueprint)
    return app
