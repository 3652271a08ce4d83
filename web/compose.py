"""What a process is put together from: settings, database, clock, forms, files, worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from web.mail import MailCarrier
from workflow import outbox
from workflow.clock import Clock, SystemClock
from workflow.db import Database
from workflow.domain.campaign import Campaign
from workflow.domain.person import ROLES
from workflow.domain.proof import ProofStore
from workflow.engine import campaigns
from workflow.engine.diagram_checks import CampaignShape, CheckContext, OperationShape, SourceFile
from workflow.engine.forms import Forms
from workflow.engine.runtime import Runtime
from workflow.service_tasks import registry
from workflow.settings import Settings


def build_runtime(settings: Settings, clock: Clock | None = None) -> Runtime:
    """The runtime of a deployment; the machine's clock unless another is given."""
    make_folder(settings.database_url)
    settings.proofs_folder.mkdir(parents=True, exist_ok=True)
    return Runtime(
        database=Database(settings.database_url),
        clock=clock or SystemClock(),
        forms=Forms.load(settings.forms_folder),
        proofs=ProofStore(settings.proofs_folder),
        settings=settings,
    )


def make_folder(database_url: str) -> None:
    """Make the folder of an embedded database."""
    prefix = "sqlite:///"
    if database_url.startswith(prefix) and len(database_url) > len(prefix):
        Path(database_url.removeprefix(prefix)).parent.mkdir(parents=True, exist_ok=True)


def carriers(runtime: Runtime) -> Mapping[str, outbox.Deliver]:
    """Who carries each kind of effect out."""
    return {"mail": MailCarrier(runtime.database, runtime.settings)}


def check_context(
    settings: Settings, folder: Path | None = None, deployed: tuple[SourceFile, ...] = ()
) -> CheckContext:
    """What diagrams are checked against: the project's forms and campaigns, or the folder's own."""
    forms = Forms.load(_beside(folder, "forms") or settings.forms_folder)
    campaign_folder = _beside(folder, "campaigns") or settings.bpmn_folder / "campaigns"
    return CheckContext(
        forms={key: forms.get(key) for key in forms.keys},
        operations={
            name: OperationShape(name, frozenset(op.parameters), op.required, op.outputs)
            for name, op in registry.load().items()
        },
        campaigns=[_shape(path) for path in sorted(campaign_folder.glob("*.yaml"))],
        roles=frozenset(ROLES),
        deployed=deployed,
    )


def _beside(folder: Path | None, name: str) -> Path | None:
    if folder is None:
        return None
    found = (folder / name, folder.resolve().parent / name)
    return next((path for path in found if path.is_dir()), None)


def _shape(path: Path) -> CampaignShape:
    mapping, _ = campaigns.read(path)
    campaign = Campaign.parse(mapping)
    constants = {f"campaign.{key}" for key in campaign.feel_constants()["campaign"]}
    return CampaignShape(campaign.id, frozenset(campaign.delays), frozenset(constants))
