"""New members of staff, each known to one test alone, and what they send."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

import bcrypt

from app.core.identity import Role
from app.demo.client import Authenticator
from app.seed import DEMO_AUTHENTICATOR, DEMO_PASSWORD
from app.staff import service as staff
from tests.platform import BRAND, Platform

DEVICE = {"deviceFingerprint": "browser-of-a-test"}


@cache
def _password_hash() -> str:
    # bcrypt at its least cost: the cost is part of the hash, and tests sign in often
    return bcrypt.hashpw(DEMO_PASSWORD.encode(), bcrypt.gensalt(4)).decode()


@dataclass
class Person:
    """Somebody and their phone. `tokens` are of their last sign-in."""

    platform: Platform
    email: str
    id: str
    phone: Authenticator = field(default_factory=lambda: Authenticator(DEMO_AUTHENTICATOR))
    tokens: dict[str, Any] = field(default_factory=dict)

    def step(self, path: str, expect: int = 200, **body: Any) -> Any:
        """A call of the sign-in, from their device."""
        return self.platform.api.call("POST", f"/partner/auth/{path}", expect=expect, json=DEVICE | body)

    def login(self, password: str = DEMO_PASSWORD, expect: int = 200) -> Any:
        """The first step."""
        return self.step("login", expect, email=self.email, password=password)

    def sign_in(self, password: str = DEMO_PASSWORD) -> "Person":
        """Both steps, where there are two."""
        answer = self.login(password)
        if answer["next"] == "SECOND_FACTOR":
            answer = self.step(
                "second-factor", challengeToken=answer["challengeToken"], code=self.phone.code()
            )
        self.tokens = answer
        return self

    def refresh(self, token: str, expect: int = 200, device: dict[str, str] = DEVICE) -> Any:
        body = {"refreshToken": token} | device
        return self.platform.api.call("POST", "/partner/auth/refresh", expect=expect, json=body)

    def call(self, method: str, path: str, expect: int = 200, **request: Any) -> Any:
        """Signed in."""
        headers = {"Authorization": f"Bearer {self.tokens['accessToken']}"}
        return self.platform.api.call(method, path, expect=expect, headers=headers, **request)

    def mails(self) -> list[dict[str, Any]]:
        """What came by mail, newest first."""
        self.platform.drain()
        return self.platform.sandbox.messages(self.email)

    def link(self) -> str:
        """The token in the newest mail that has a link."""
        text = next(mail["text"] for mail in self.mails() if "#token=" in mail["text"])
        return text.split("#token=")[1].split()[0]


def somebody(platform: Platform, *roles: Role, brand_id: str = BRAND, enrolled: bool = True) -> Person:
    """Somebody new with `roles` in a brand; whose roles ask for a second factor has one, if `enrolled`."""
    email = f"{uuid4().hex}@staff.example"
    seed = DEMO_AUTHENTICATOR if enrolled and staff.SECOND_FACTOR_ROLES & set(roles) else None
    assignments = [(brand_id, role) for role in roles]
    created = staff.create(email, "Somebody New", _password_hash(), assignments, seed)
    return Person(platform, email, str(created))
