"""Signing in and out of the partner portal."""

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff_anywhere, unscoped
from app.staff import service
from app.staff.schemas import LoginIn, LoginOut, StaffOut

blp = Blueprint("staff", __name__, description="Staff and their sessions")


@blp.route("/partner/auth/login")
class Login(MethodView):
    @unscoped
    @blp.arguments(LoginIn)
    @blp.response(200, LoginOut)
    def post(self, body):
        """Sign in with e-mail and password."""
        return service.login(**body, ip=request.remote_addr, user_agent=request.user_agent.string[:200])


@blp.route("/partner/auth/logout")
class Logout(MethodView):
    @staff_anywhere
    @blp.response(204)
    def post(self, claims):
        """End this session."""
        service.logout(claims)


@blp.route("/partner/me")
class Me(MethodView):
    @staff_anywhere
    @blp.response(200, StaffOut)
    def get(self, claims):
        """The signed-in person with their brands, roles and permissions of this moment."""
        return service.me(claims)
