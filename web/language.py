"""The words of the pages: French first, English second, through gettext.

Messages are written in French in templates and in Python, as arguments of `_` and `_n`; French
is set by `web.typography`. The English words are in `translations/en`.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_babel import Babel, get_domain, get_locale
from flask_babel.speaklater import LazyString
from flask_login import current_user

from web.typography import english, typographic

LANGUAGES = ("fr", "en")
COOKIE = "language"


def init_language(app: Flask) -> None:
    """Choose the language of each request and give `_` and `_n` to the templates."""
    app.config.update(
        BABEL_DEFAULT_LOCALE="fr",
        BABEL_DEFAULT_TIMEZONE="Europe/Paris",
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    Babel(app, locale_selector=_chosen)
    environment: Any = app.jinja_env
    environment.install_gettext_callables(_singular, _plural, newstyle=True)
    environment.globals["language"] = language


def language() -> str:
    """The language of this request: "fr" or "en"."""
    locale = get_locale()
    return "fr" if locale is None else locale.language


def _(message: str, **variables: Any) -> str:
    """The sentence in the reader's language; `variables` fill its %(name)s."""
    sentence = _singular(message)
    return sentence % variables if variables else sentence


def _n(singular: str, plural: str, number: int, **variables: Any) -> str:
    """The sentence that agrees with `number`, which also fills %(num)s."""
    return _plural(singular, plural, number) % {"num": number, **variables}


def _l(message: str) -> LazyString:
    """A sentence of a module's constants, said in the language of whoever reads it later."""
    return LazyString(_, message)


def _chosen() -> str:
    if current_user and current_user.is_authenticated:
        return current_user.locale if current_user.locale in LANGUAGES else "fr"
    kept = request.cookies.get(COOKIE)
    if kept in LANGUAGES:
        return kept
    return request.accept_languages.best_match(LANGUAGES, default="fr") or "fr"


def _singular(message: str) -> str:
    if language() == "fr":
        return typographic(message)
    return english(get_domain().get_translations().ugettext(message))


def _plural(singular: str, plural: str, number: int) -> str:
    if language() == "fr":
        # In French, zero is singular.
        return typographic(singular if number < 2 else plural)
    return english(get_domain().get_translations().ungettext(singular, plural, number))
