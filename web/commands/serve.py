"""`jalon serve`, `jalon work`, `jalon demo`: the processes that run."""

from __future__ import annotations

import gc
import logging
import signal
import threading
from dataclasses import replace
from datetime import datetime
from secrets import token_hex

import click
import waitress
from rich.console import Console
from rich.progress import Progress

from web.app import create_app
from web.commands.database import upgrade
from web.compose import build_runtime, carriers, check_context, make_folder, rounds
from web.demo_accounts import (
    DEMO_ACCOUNTS,
    DEMO_COLLEAGUES,
    DEMO_PASSWORD,
    add_demo_accounts,
)
from web.demo_story import may_be_told, play_story, story_of
from web.demo_templates import add_demo_templates
from workflow.clock import PARIS, SystemClock
from workflow.db import Database
from workflow.documents import seal
from workflow.domain.campaign import all_active
from workflow.domain.demo_clock import StoredDemoClock
from workflow.domain.person import SYSTEM
from workflow.engine import campaigns, diagrams
from workflow.engine.runtime import Runtime
from workflow.settings import PROJECT, InvalidSetting, Settings
from workflow.worker import Worker

DEMO_STARTS_AT = datetime(2022, 10, 3, 9, 0, tzinfo=PARIS)
COLLECTIONS = (5_000, 20, 50)
"""New objects before a collection of the young; such before one of the older; those before all."""
DEMO_CAMPAIGNS = ("dsr-agenda-fictif-2022", "dsr-ope-mss-2022")
"""In the order of their deployment: pages open on the last one."""


@click.command()
@click.option("--worker/--no-worker", default=True, help="Fire timers in this process too.")
def serve(worker: bool) -> None:
    """Serve the pages and the API."""
    _log()
    runtime = build_runtime(Settings.from_environment())
    _serve(runtime, demo=False, worker=worker)


@click.command()
def work() -> None:
    """Fire due timers and carry out the outbox, until stopped."""
    _log()
    runtime = build_runtime(Settings.from_environment())
    ticking = Worker(runtime, carriers(runtime), rounds(runtime))
    ticking.start()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    click.echo("Working. Stop with Ctrl-C.")
    stop.wait()
    ticking.stop()


@click.command()
@click.option(
    "--with-dossiers", is_flag=True, help="Begin five weeks later, with a dossier at each step."
)
def demo(with_dossiers: bool) -> None:
    """Serve the demo: the 2022 campaign, fictitious accounts, a clock that can be advanced."""
    _log()
    settings = _demo_settings(Settings.from_environment())
    # The worker signs the addresses in mails with the key by which the pages know them.
    settings = replace(settings, secret_key=settings.secret_key or token_hex(32))
    make_folder(settings.database_url)
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    clock = StoredDemoClock.started(database, SystemClock(), DEMO_STARTS_AT)
    runtime = build_runtime(settings, clock)
    prepare_demo(runtime)
    if with_dossiers:
        _tell_story(runtime)
    click.echo(f"\nJalon, démonstration : http://{settings.host}:{settings.port}")
    click.echo(f"Mot de passe de tous les comptes : {DEMO_PASSWORD}\n")
    for account in (*DEMO_ACCOUNTS, *DEMO_COLLEAGUES):
        click.echo(f"  {account.email:32} {account.name:20} {', '.join(account.roles)}")
    click.echo("")
    _serve(runtime, demo=True, worker=True)


def _demo_settings(settings: Settings) -> Settings:
    if settings.database_url == Settings.database_url:
        folder = PROJECT / "var" / "demo"
        settings = replace(
            settings,
            database_url=f"sqlite:///{folder / 'jalon.sqlite3'}",
            proofs_folder=folder / "proofs",
        )
    if settings.seal_certificate:
        return settings
    # Without a certificate no document would be issued: the demo makes its own, and says so.
    made = seal.make_demonstration(settings.proofs_folder, SystemClock().now())
    return replace(settings, seal_certificate=str(made), seal_passphrase=seal.DEMO_PASSPHRASE)


def prepare_demo(runtime: Runtime) -> None:
    """Deploy the procedure and open the demo's accounts; a second time changes nothing.

    What people have deployed since stays in force.
    """
    with runtime.database.transaction() as session:
        add_demo_accounts(session, runtime.clock.now())
        add_demo_accounts(session, runtime.clock.now(), DEMO_COLLEAGUES)
        if all_active(session):
            return
    files = diagrams.read_files([runtime.settings.bpmn_folder])
    diagrams.deploy(runtime, files, SYSTEM, check_context(runtime.settings))
    for name in DEMO_CAMPAIGNS:
        path = runtime.settings.bpmn_folder / "campaigns" / f"{name}.yaml"
        mapping, catalogue = campaigns.read(path)
        campaigns.deploy(runtime, mapping, catalogue, SYSTEM)
    with runtime.database.transaction() as session:
        add_demo_templates(session, DEMO_CAMPAIGNS[-1], runtime.clock.now())


def _tell_story(runtime: Runtime) -> None:
    """Play the demo's story once; a demo that is on its way goes on as it is."""
    with runtime.database.reading() as session:
        if not may_be_told(session, runtime.settings, runtime.clock.now()):
            click.echo("Des dossiers sont déjà là, ou l'horloge a avancé : rien n'est ajouté.")
            return
    with Progress(console=Console(stderr=True), transient=True) as shown:
        steps = shown.add_task("Dossiers fictifs", total=len(story_of(runtime.settings).steps))
        play_story(runtime, lambda: shown.advance(steps))


def settle() -> None:
    """Leave what was loaded once out of later garbage collections, and make whole ones rare.

    Each of them walks all that lives: a tenth of a second taken from some page. Cycles die young,
    in the collections of new objects; what outlives those is mostly parsed once and kept.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)


def _serve(runtime: Runtime, *, demo: bool, worker: bool) -> None:
    app = create_app(runtime, demo=demo)
    ticking = Worker(runtime, carriers(runtime), rounds(runtime)) if worker else None
    if ticking is not None:
        ticking.start()
    settings = runtime.settings
    settle()
    try:
        waitress.serve(
            app,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            max_request_body_size=settings.max_upload_megabytes * 1024 * 1024,
            ident=None,
        )
    except ValueError as fault:
        raise InvalidSetting(
            f"Expected an address to serve on in JALON_HOST but {settings.host} is none ({fault})."
            " Write 127.0.0.1, for instance."
        ) from fault
    finally:
        if ticking is not None:
            ticking.stop()
        runtime.database.close()


def _log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
