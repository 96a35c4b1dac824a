"""The shipped words: the same in every language, and such as WhatsApp and operators approve."""

import pytest

from app.messaging.events import ENGLISH, EVENTS, LANGUAGES, PARTS, Event, _words
from app.messaging.templates.texts import ALWAYS, fault, names_in

ALL = [pytest.param(event, id=event.code) for event in EVENTS.values()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_words_of_every_event(language: str) -> None:
    assert list(_words(language)) == list(EVENTS)


@pytest.mark.parametrize("event", ALL)
def test_a_language_says_what_the_others_say(event: Event) -> None:
    for part in PARTS:
        said = {language: event.words(part, language) for language in LANGUAGES}
        names = {language: set(names_in(text)) if text else None for language, text in said.items()}
        assert len({frozenset(n) if n is not None else None for n in names.values()}) == 1, (part, names)
        assert all(not text or not fault(text, {*ALWAYS, *event.variables}) for text in said.values())
        assert said[ENGLISH] is None or len(set(said.values())) == len(LANGUAGES), "one is not translated"


@pytest.mark.parametrize("event", ALL)
def test_whatsapp_asks_for_nothing_that_others_do_not_say(event: Event) -> None:
    others = {name for part in PARTS if part != "whatsapp" for name in names_in(event.words(part) or "")}
    # a legal notice goes by mail alone
    for text in filter(None, (event.words("whatsapp", language) for language in LANGUAGES)):
        assert set(names_in(text)) <= others | set(ALWAYS)
        assert {text[0], text[-1]}.isdisjoint("{}"), "WhatsApp approves no such text"
        assert len(text) <= 1_024
