"""How a mail is written: a text and its HTML twin, in the reader's language, without tracker.

A mail is a copy of what the tool keeps. In English the French text stands below, since it alone
counts in law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from jinja2 import Environment, PackageLoader

from web.typography import typographic
from workflow.domain.mail_delivery import MailDelivery
from workflow.domain.notification import Notification
from workflow.domain.person import is_email
from workflow.outbox import DeliveryRefused
from workflow.settings import Settings

RULE = "-" * 64
PAGES = Environment(loader=PackageLoader("web"), autoescape=True, trim_blocks=True)
WORDS = {
    "fr": {
        "open": "Voir le dossier {number} dans l'outil",
        "open_page": "Lire la suite dans l'outil",
        "copy": "Ce courriel est une copie. La notification qui fait foi est celle que garde"
        " l'outil.",
        "choose": "Choisir vos courriels",
        "decline": "Ne plus recevoir ce genre d'information",
        "decline_all": "Ne plus recevoir d'informations par courriel",
        "digest": "Jalon : {count} message d'information",
        "digests": "Jalon : {count} messages d'information",
    },
    "en": {
        "open": "See dossier {number} in the tool",
        "open_page": "Read more in the tool",
        "copy": "This mail is a copy. The notification kept in the tool is the one that counts.",
        "choose": "Choose your mails",
        "decline": "Stop receiving this kind of information",
        "decline_all": "Stop receiving information by mail",
        "digest": "Jalon: {count} piece of information",
        "digests": "Jalon: {count} pieces of information",
    },
}
FRENCH_COUNTS = "The French text alone is authoritative. / Le texte français fait seul foi."


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a mail: a title, its paragraphs, where it leads; `note` stands above it."""

    title: str
    lines: tuple[str, ...]
    language: str
    note: str = ""
    label: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before its headers; `opt_out` is the address that declines its kind."""

    subject: str
    language: str
    pieces: tuple[Piece, ...]
    opt_out: str | None = None
    declines_all: bool = False
    has_account: bool = True


def of_notification(
    told: Notification, number: str, copy: MailDelivery, settings: Settings, opt_out: str | None
) -> Letter:
    """The copy of one notification."""
    pieces = _pieces(told, number, copy.language, settings)
    has_account = copy.person_id is not None
    return Letter(pieces[0].title, copy.language, pieces, opt_out, has_account=has_account)


def of_digest(
    told: Sequence[tuple[Notification, str]],
    copy: MailDelivery,
    settings: Settings,
    opt_out: str | None,
) -> Letter:
    """The day's information in one mail."""
    pieces = [
        piece
        for notification, number in told
        for piece in _pieces(notification, number, copy.language, settings)
    ]
    subject = _word(copy.language, "digest" if len(told) == 1 else "digests")
    subject = subject.format(count=len(told))
    return Letter(subject, copy.language, tuple(pieces), opt_out, declines_all=True)


def of_words(subject: str, body: str, language: str = "fr", address: str = "") -> Letter:
    """A letter that is no copy, such as an invitation; `address` is where more is read."""
    label = _word(language, "open_page") if address else ""
    piece = Piece(subject, _lines(body), language, "", label, address)
    return Letter(subject, language, (piece,), has_account=False)


def message(
    letter: Letter, to: str, message_id: str, at: datetime, settings: Settings, *, is_copy: bool
) -> EmailMessage:
    """The mail as it travels; raises DeliveryRefused for an address that no mail can have."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = letter.subject
    mail["From"] = _address(settings.mail_from)
    mail["To"] = Address(addr_spec=require_mailable(to))
    mail["Reply-To"] = _address(settings.mail_reply_to or settings.mail_from)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    if letter.opt_out:
        mail["List-Unsubscribe"] = f"<{letter.opt_out}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    foot = _foot(letter, settings, is_copy)
    mail.set_content(_text(letter, foot), cte="quoted-printable")
    page = PAGES.get_template("mail/letter.html").render(
        subject=letter.subject,
        language=letter.language,
        pieces=letter.pieces,
        foot=foot,
        is_copy=is_copy,
    )
    mail.add_alternative(page, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = letter.language
    return mail


def require_mailable(address: str) -> str:
    """The address, when a mail can go to it; raises DeliveryRefused for what is none.

    Line ends would write headers of their own, and other letters than ASCII need a mail server
    that few have.
    """
    if address.isascii() and address.isprintable() and is_email(address):
        return address
    raise DeliveryRefused(
        f"Expected one address in ASCII but found {address[:80]!r}. Correct it where it is"
        " declared.",
        failure="bad_address",
    )


def sending_domain(settings: Settings) -> str:
    """The right part of the sender's address, which names mails."""
    return parseaddr(settings.mail_from)[1].partition("@")[2] or "localhost"


def dossier_address(number: str, settings: Settings) -> str:
    """The page of a dossier."""
    return f"{settings.base_url.rstrip('/')}/dossiers/{number}"


def page_address(path: str, settings: Settings) -> str:
    """A page of the tool, from outside; empty without a path."""
    return f"{settings.base_url.rstrip('/')}{path}" if path else ""


def _pieces(
    told: Notification, number: str, language: str, settings: Settings
) -> tuple[Piece, ...]:
    label = _word(language, "open").format(number=number)
    address = dossier_address(number, settings)
    if language != "en" or told.subject_en is None or told.body_en is None:
        return (Piece(told.subject, _lines(told.body), "fr", "", label, address),)
    return (
        Piece(told.subject_en, _lines(told.body_en), "en", "", label, address),
        Piece(told.subject, _lines(told.body), "fr", FRENCH_COUNTS),
    )


def _foot(letter: Letter, settings: Settings, is_copy: bool) -> list[tuple[str, str]]:
    foot: list[tuple[str, str]] = []
    if is_copy:
        foot.append((_word(letter.language, "copy"), ""))
    if letter.opt_out:
        key = "decline_all" if letter.declines_all else "decline"
        foot.append((_word(letter.language, key), letter.opt_out))
    if letter.has_account:
        page = f"{settings.base_url.rstrip('/')}/compte/courriels"
        foot.append((_word(letter.language, "choose"), page))
    return foot


def _text(letter: Letter, foot: Sequence[tuple[str, str]]) -> str:
    parts: list[str] = []
    colon = ":" if letter.language == "en" else " :"
    for piece in letter.pieces:
        note = [piece.note] if piece.note else []
        # The subject of a single piece stands in the header already.
        title = [piece.title] if len(letter.pieces) > 1 else []
        link = [f"{piece.label}{colon}\n{piece.address}"] if piece.address else []
        parts.append("\n\n".join([*note, *title, "\n".join(piece.lines), *link]))
    text = f"\n\n{RULE}\n\n".join(parts)
    said = "\n".join(f"{words}{colon}\n{address}" if address else words for words, address in foot)
    return f"{text}\n\n{RULE}\n{said}\n" if said else f"{text}\n"


def _lines(body: str) -> tuple[str, ...]:
    return tuple(line for line in body.split("\n") if line.strip())


def _word(language: str, key: str) -> str:
    word = WORDS["en" if language == "en" else "fr"][key]
    return word if language == "en" else typographic(word)


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)
