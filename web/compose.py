"""What a process is put together from: settings, database, clock, forms, files, worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from api.bulk_door import BulkRound
from api.openings import seal_past_days
from web.mail import CopyMaker, DigestRound, MailCarrier
from workflow import outbox
from workflow.clock import Clock, SystemClock
from workflow.db import Database
from workflow.documents.carrier import DocumentCarrier
from workflow.domain import document, mail_delivery, notification
from workflow.domain.campaign import Campaign
from workflow.domain.file_store import FileStore, FolderStore
from workflow.domain.stored_content import SCAN
from workflow.engine import campaigns, deposit_drafts, file_sweep, house_check, presence
from workflow.engine.clamd import Clamd
from workflow.engine.diagram_checks import CheckContext
from workflow.engine.forms import Forms
from workflow.engine.runtime import Runtime
from workflow.engine.scanning import ScanCarrier
from workflow.engine.source_file import SourceFile
from workflow.engine.surroundings import surroundings
from workflow.errors import NotFound
from workflow.settings import Settings


def build_runtime(settings: Settings, clock: Clock | None = None) -> Runtime:
    """The runtime of a deployment; the machine's clock unless another is given."""
    if not settings.forms_folder.is_dir():
        raise NotFound(
            f"Expected a folder of forms at {settings.forms_folder} but there is none."
            " Correct JALON_FORMS_FOLDER."
        )
    if settings.clamav:
        Clamd.at(settings.clamav)  # An address that names nothing is told at once.
    if settings.trust_folder and not Path(settings.trust_folder).is_dir():
        raise NotFound(
            f"Expected a folder of authorities at {settings.trust_folder} but there is none."
            " Correct JALON_TRUST_FOLDER."
        )
    make_folder(settings.database_url)
    return Runtime(
        database=Database(settings.database_url),
        clock=clock or SystemClock(),
        forms=Forms.load(settings.forms_folder),
        files=file_store(settings),
        settings=settings,
    )


def file_store(settings: Settings) -> FileStore:
    """The store that a deployment's settings name: a bucket, or a folder of this machine."""
    folder = settings.proofs_folder
    uploads = Path(settings.uploads_folder or folder.parent / "uploads")
    if settings.file_store:
        # Only a deployment with a bucket pays for its client.
        from workflow.domain.s3_store import S3Store

        return S3Store.at(settings.file_store, uploads, settings.s3_endpoint)
    folder.mkdir(parents=True, exist_ok=True)
    return FolderStore(folder, uploads)


def make_folder(database_url: str) -> None:
    """Make the folder of an embedded database."""
    prefix = "sqlite:///"
    if database_url.startswith(prefix) and len(database_url) > len(prefix):
        Path(database_url.removeprefix(prefix)).parent.mkdir(parents=True, exist_ok=True)


def carriers(runtime: Runtime, system: Clock | None = None) -> Mapping[str, outbox.Deliver]:
    """Who carries each topic of the outbox out; `system` is the machine's clock."""
    database, settings, system = runtime.database, runtime.settings, system or SystemClock()
    return {
        notification.TOPIC: CopyMaker(database, settings, system),
        mail_delivery.TOPIC: MailCarrier(database, settings, system),
        document.OUTBOX_KIND: DocumentCarrier(
            database, runtime.files, settings, runtime.clock, system
        ),
        SCAN: ScanCarrier(runtime),
        file_sweep.INCIDENT: partial(file_sweep.recheck, runtime),
    }


def rounds(runtime: Runtime, system: Clock | None = None) -> Sequence[Callable[[], object]]:
    """What the worker does when its hour has come."""
    machine = system or SystemClock()
    return [
        house_check.SweepMark(runtime.database, machine),
        DigestRound(runtime.database, runtime.settings, runtime.clock, machine),
        partial(seal_past_days, runtime, machine),
        file_sweep.FileRound(runtime, machine),
        BulkRound(runtime),
        presence.PresenceRound(runtime.database, machine),
        deposit_drafts.DraftRound(runtime, machine),
    ]


def check_context(
    settings: Settings, folder: Path | None = None, deployed: tuple[SourceFile, ...] = ()
) -> CheckContext:
    """What diagrams are checked against: the project's forms and campaigns, or the folder's own."""
    forms = Forms.load(_beside(folder, "forms") or settings.forms_folder)
    campaign_folder = _beside(folder, "campaigns") or settings.bpmn_folder / "campaigns"
    paths = sorted(campaign_folder.glob("*.yaml"))
    found = [Campaign.parse(campaigns.read(path)[0]) for path in paths]
    return surroundings(forms, found, deployed)


def _beside(folder: Path | None, name: str) -> Path | None:
    if folder is None:
        return None
    found = (folder / name, folder.resolve().parent / name)
    return next((path for path in found if path.is_dir()), None)
