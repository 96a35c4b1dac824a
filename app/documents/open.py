"""Where links lead."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import unscoped
from app.documents import links
from app.documents.files import FILE, file_response

blp = Blueprint("linked-files", __name__, description="Files behind links that were asked for")


@blp.route("/files/<token>")
class LinkedFile(MethodView):
    @unscoped
    @blp.response(200, FILE, content_type="application/octet-stream")
    def get(self, token):
        """The file of a link, for as long as the link lasts; the link says which and for whom."""
        return file_response(*links.follow(token))
