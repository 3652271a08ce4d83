"""What diagrams may call: known by name, described, refused loudly."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from inspect import getdoc, getmodule

import pytest
from desk import Desk, paris

from workflow.errors import InvalidInput
from workflow.service_tasks import registry
from workflow.service_tasks.registry import UnknownOperation, operation


def test_an_operation_is_named_by_its_file_and_its_function() -> None:
    for name, found in registry.load().items():
        module = getmodule(found.function)
        assert module is not None
        assert name == f"{module.__name__.rsplit('.', 1)[-1]}.{found.function.__name__}"
        assert getdoc(found.function)


def test_an_operation_tells_what_it_needs_and_what_it_gives() -> None:
    found = registry.find("solicitations.send")
    assert found.parameters == ("kind", "questions")
    assert found.required == {"kind", "questions"}
    assert found.outputs == {"sent_at": "date and time", "solicitation_id": "number"}
    assert registry.find("dossiers.withdraw").required == frozenset()


def test_an_unknown_operation_is_refused_loudly() -> None:
    with pytest.raises(UnknownOperation, match=r"solicitations\.send"):
        registry.find("solicitations.shout")


def test_two_operations_cannot_bear_one_name() -> None:
    registry.load()
    with pytest.raises(InvalidInput):
        operation("solicitations.send")(lambda: None)


def test_a_diagram_asks_for_a_deadline_by_place_or_by_name(desk: Desk) -> None:
    call = desk.call(desk.deposited())
    function = registry.feel_functions(call)["deadline"]
    by_place = function("solicitation_abandon", paris("2022-10-15T10:00"))
    by_name = function(key="solicitation_abandon", from_=paris("2022-10-15T10:00"))
    assert by_place["last_day"] == by_name["last_day"] == date(2022, 11, 14)
    assert set(by_place) == {"key", "last_day", "fires_at", "deadline_id", "follows"}
    fewer = function("reservation_lifting", paris("2023-01-03T09:00"), Decimal(16))
    assert fewer["last_day"] == date(2023, 1, 19)


def test_a_deadline_that_runs_from_nothing_is_refused(desk: Desk) -> None:
    function = registry.feel_functions(desk.call(desk.deposited()))["deadline"]
    for wrong in (None, "2022-10-15"):
        with pytest.raises(InvalidInput):
            function("solicitation_abandon", wrong)


def test_every_operation_output_is_what_its_verb_returns(desk: Desk) -> None:
    returned = registry.find("solicitations.send").function(
        desk.call(desk.deposited()), kind="admissibility", questions=["Votre SIRET ?"]
    )
    assert returned is not None
    assert set(returned) == set(registry.find("solicitations.send").outputs)
