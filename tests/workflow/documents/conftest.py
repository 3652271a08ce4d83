"""A sealing certificate for the tests of documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from papers import TODAY

from workflow.documents import seal
from workflow.documents.seal import Seal
from workflow.settings import Settings


@pytest.fixture(scope="session")
def sealing(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a certificate of the demo's kind."""
    made: Path = seal.make_demonstration(tmp_path_factory.mktemp("seal"), TODAY)
    return Settings(seal_certificate=str(made), seal_passphrase=seal.DEMO_PASSPHRASE)


@pytest.fixture(scope="session")
def our_seal(sealing: Settings) -> Seal:
    """The seal of these settings."""
    return seal.load(sealing)
