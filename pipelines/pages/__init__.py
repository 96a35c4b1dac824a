"""Pages that stand alone: one HTML file, its style and its charts in it, nothing fetched from anywhere."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.pages import charts, words

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {name: getattr(words, name) for name in words.__all__}
_TEMPLATES.globals["charts"] = charts


def render(template: str, **values: Any) -> str:
    """A template of this folder filled in; every value is escaped."""
    return _TEMPLATES.get_template(template).render(values)
