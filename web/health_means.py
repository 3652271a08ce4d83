"""Is what Jalon stands on in order: database, disks, antivirus, sealing certificate."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from api.resources.probes import MIGRATIONS
from web.health import Check, Look
from web.language import _, language
from web.words import date_words, size_words
from workflow.documents import seal
from workflow.documents.seal import InvalidSeal
from workflow.domain.file_store import FolderStore
from workflow.engine.clamd import Clamd, ScannerUnreachable

SEAL_WARNING = timedelta(days=60)
SCANNER_PATIENCE = 2.0
"""Seconds for which a page waits for the antivirus."""
LITTLE_ROOM = 0.15
NO_ROOM = 0.05
"""Parts of a disk that are free."""


def database(look: Look) -> list[Check]:
    """Its kind, its size, and whether its tables are those of the code."""
    known = look.runtime.database
    if known.is_sqlite:
        pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        size = int(look.session.scalar(text(pages)) or 0)
        kind = _("SQLite, embarquée")
    else:
        size = int(look.session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        kind = "PostgreSQL"
    found = Check(_("Base de données"), "done", kind, size_words(size, language()))
    return [found, _revision(look)]


def _revision(look: Look) -> Check:
    title = _("Version des tables")
    present = MigrationContext.configure(look.session.connection()).get_current_heads()
    wanted = tuple(ScriptDirectory(str(MIGRATIONS)).get_heads())
    if set(present) == set(wanted):
        return Check(title, "done", _("À jour"), _("révision %(name)s", name=", ".join(wanted)))
    return Check(
        title,
        "alert",
        _("Pas à la version du code"),
        _(
            "tables %(present)s, code %(wanted)s",
            present=", ".join(present) or _("sans révision"),
            wanted=", ".join(wanted),
        ),
        _("Arrêtez les processus, lancez « jalon db upgrade », redémarrez."),
    )


def disks(look: Look) -> list[Check]:
    """How much room is left where files and the embedded database are; each disk once."""
    files = look.runtime.files
    places: dict[str, Path] = {}
    if isinstance(files, FolderStore):
        places[_("Disque des fichiers")] = files.path
    places[_("Disque des envois inachevés")] = files.scratch
    name = look.runtime.database.engine.url.database
    if look.runtime.database.is_sqlite and name and name != ":memory:":
        places[_("Disque de la base")] = Path(name).parent
    found: list[Check] = []
    seen: set[int] = set()
    for title, folder in places.items():
        path = next(each for each in (folder, *folder.parents) if each.exists())
        if path.stat().st_dev not in seen:
            seen.add(path.stat().st_dev)
            found.append(_room(title, path))
    if not isinstance(files, FolderStore):
        where = look.runtime.settings.file_store
        found.insert(0, Check(_("Espace des fichiers"), "mute", _("Espace S3, non mesuré"), where))
    return found


def _room(title: str, path: Path) -> Check:
    usage = shutil.disk_usage(path)
    free = usage.free / usage.total
    sizes = {
        "free": size_words(usage.free, language()),
        "all": size_words(usage.total, language()),
    }
    words = _("%(free)s libres sur %(all)s", **sizes)
    if free > LITTLE_ROOM:
        return Check(title, "done", words)
    remedy = _("Libérez de la place ou agrandissez le disque : plein, il arrête les dépôts.")
    return Check(title, "alert" if free <= NO_ROOM else "wait", words, "", remedy)


def scanner(look: Look) -> list[Check]:
    """Whether the antivirus answers."""
    title, address = _("Antivirus"), look.runtime.settings.clamav
    if not address:
        remedy = _("Réglez JALON_CLAMAV ; sans lui, les fichiers portent « non analysé ».")
        return [Check(title, "mute", _("Aucun n'est réglé"), remedy=remedy)]
    try:
        Clamd.at(address).ping(SCANNER_PATIENCE)
    except ScannerUnreachable:
        remedy = _("Redémarrez clamd. Les fichiers attendent leur analyse, rien n'est perdu.")
        return [Check(title, "alert", _("Ne répond pas"), address, remedy)]
    return [Check(title, "done", _("Répond"), address)]


def certificate(look: Look) -> list[Check]:
    """Until when documents can be sealed."""
    title = _("Certificat de cachet")
    if not look.runtime.settings.seal_certificate:
        remedy = _("Réglez JALON_SEAL_CERTIFICATE : sans lui, aucun document n'est délivré.")
        return [Check(title, "alert", _("Aucun n'est réglé"), remedy=remedy)]
    try:
        found = seal.load(look.runtime.settings)
    except InvalidSeal:
        remedy = _("Corrigez JALON_SEAL_CERTIFICATE et JALON_SEAL_PASSPHRASE.")
        return [Check(title, "alert", _("Ne peut pas être ouvert"), remedy=remedy)]
    until: datetime = found.certificate.not_valid_after
    day = date_words(until, look.machine_now, language(), weekday=False, year=True)
    note = _("auto-signé, de démonstration") if found.is_self_signed else found.subject
    if look.machine_now > until:
        words = _("Échu depuis le %(day)s", day=day)
        return [Check(title, "alert", words, note, _("Renouvelez-le : plus rien n'est scellé."))]
    words = _("Valable jusqu'au %(day)s", day=day)
    if until - look.machine_now < SEAL_WARNING:
        return [Check(title, "wait", words, note, _("Demandez son renouvellement."))]
    return [Check(title, "done", words, note)]
