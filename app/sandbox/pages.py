"""The pages that a provider shows to a customer, as plain as can be: facts, and a button an answer."""

from collections.abc import Mapping

from flask import redirect, render_template_string, request
from flask.typing import ResponseReturnValue

from app.sandbox.base import answer

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }}</title>
<style>body{font:16px sans-serif;max-width:32em;margin:3em auto;padding:0 1em}dt{color:#666}
dd{margin:0 0 .6em}form{display:inline}button{font:inherit;padding:.5em 1.2em;margin-right:.6em}</style>
<h1>{{ title }}</h1>
<dl>{% for name, value in facts.items() %}<dt>{{ name }}</dt><dd>{{ value }}</dd>{% endfor %}</dl>
{% for label, (url, fields) in buttons.items() %}<form method="post" action="{{ url }}">
{% for name, value in fields.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<button>{{ label }}</button></form>{% endfor %}
<p><small>Provider sandbox: nobody real is behind this page.</small></p>
</html>"""


def page(
    title: str, facts: Mapping[str, object], buttons: Mapping[str, tuple[str, Mapping[str, str]]]
) -> str:
    """HTML; buttons maps a label to the URL that is posted to and the form fields that go with it."""
    return render_template_string(PAGE, title=title, facts=facts, buttons=buttons)


def form_or_json() -> dict[str, object]:
    """What was posted: by the page's buttons as a form, or as JSON by a test or a script."""
    data = request.get_json(silent=True)
    return data if isinstance(data, dict) else request.form.to_dict()


def done(result: Mapping[str, object], back_to: str) -> ResponseReturnValue:
    """A browser goes to a page; a script is told."""
    if "text/html" in request.headers.get("Accept", ""):
        return redirect(back_to, 303)
    return answer(dict(result))
