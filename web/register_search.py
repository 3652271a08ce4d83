"""What is asked of the register: words, facets with their counts, an order, a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from web.campaign_view import profile_words
from web.language import LazyString, _l
from web.register_state import Register, matching
from web.register_view import AsOf
from web.whole_number import whole_number
from workflow.domain.listing import ACTIVE, REVOKED, SUSPENDED
from workflow.domain.register import RegisterEntry

PER_PAGE = 50
LONGEST = 120
MOST_OPERATORS = 300
STATUSES: dict[str, LazyString] = {
    ACTIVE: _l("Référencé"),
    SUSPENDED: _l("Suspendu"),
    REVOKED: _l("Retiré"),
}
FACETS: dict[str, Callable[[RegisterEntry], Sequence[str]]] = {
    "etat": lambda entry: (entry.status,),
    "profil": lambda entry: entry.profiles,
    "dsr": lambda entry: (entry.dsr,),
    "annee": lambda entry: (str(entry.listed_on.year),),
    "operateur": lambda entry: (entry.company_name,),
}
"""What an entry is sorted under, by the name that the address gives to the question."""
ORDERS: dict[str, Callable[[RegisterEntry], tuple[object, ...]]] = {
    "service": lambda entry: (entry.service_name.casefold(), entry.number),
    "operateur": lambda entry: (entry.company_name.casefold(), entry.number),
    "numero": lambda entry: (entry.number,),
    "date": lambda entry: (entry.listed_on, entry.number),
}
DESCENDING = "-"


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many services the page would show, and where it leads."""

    value: str
    label: str
    count: int
    address: str
    is_chosen: bool


@dataclass(frozen=True)
class RegisterQuery:
    """What an address asks of the register; every part may be empty."""

    words: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict[str, str])
    order: str = "service"
    page: int = 1
    day: str = ""

    @classmethod
    def read(cls, arguments: MultiDict[str, str], state: AsOf) -> RegisterQuery:
        """The question of an address; what makes no sense is left out."""
        order, page = arguments.get("tri", ""), arguments.get("page", "")
        return cls(
            words=arguments.get("q", "").strip()[:LONGEST],
            chosen={
                name: value
                for name in FACETS
                if (value := arguments.get(name, "").strip()[:LONGEST])
            },
            order=order if order.removeprefix(DESCENDING) in ORDERS else "service",
            page=whole_number(page) or 1,
            day="" if state.is_now else state.day.isoformat(),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing narrows the register."""
        return not self.words and not self.chosen

    @property
    def narrowing(self) -> dict[str, str]:
        """What narrows the register, as the addresses of its downloads carry it."""
        kept = {"q": self.words, **self.chosen, "au": self.day}
        return {name: value for name, value in kept.items() if value}

    def address(self, page: int = 1) -> str:
        """The page that answers this question."""
        shown: dict[str, Any] = dict(self.narrowing)
        if self.order != "service":
            shown["tri"] = self.order
        if page > 1:
            shown["page"] = str(page)
        return url_for("public.register", **shown)

    def without(self, *names: str) -> RegisterQuery:
        """The same question with some facets, or the words (`q`), left out."""
        left = {name: value for name, value in self.chosen.items() if name not in names}
        return replace(self, chosen=left, words="" if "q" in names else self.words, page=1)

    def choosing(self, name: str, value: str) -> RegisterQuery:
        """The same question with one more facet."""
        return replace(self, chosen={**self.chosen, name: value}, page=1)

    def sorted_by(self, order: str) -> RegisterQuery:
        """The same question in another order; the same one twice turns it round."""
        return replace(self, order=f"{DESCENDING}{order}" if self.order == order else order, page=1)

    def direction(self, order: str) -> str:
        """How the page is sorted by a column, as `aria-sort` says it; empty when it is not."""
        if self.order == order:
            return "ascending"
        return "descending" if self.order == DESCENDING + order else ""


@dataclass(frozen=True)
class Found:
    """The entries that answer a question, and what else could be asked."""

    query: RegisterQuery
    entries: list[RegisterEntry]
    facets: dict[str, list[Choice]]
    total: int
    """How many services the register holds."""

    @property
    def narrows(self) -> bool:
        """Whether some facet leaves a choice, or holds one."""
        chosen = set(self.query.chosen) - {"operateur"}
        return bool(chosen) or any(
            len(choices) > 1 for name, choices in self.facets.items() if name != "operateur"
        )

    @property
    def pages(self) -> int:
        """How many pages the answer has."""
        return max(1, -(-len(self.entries) // PER_PAGE))

    @property
    def shown(self) -> list[RegisterEntry]:
        """The entries of the page asked for; of the last one beyond it."""
        first = (min(self.query.page, self.pages) - 1) * PER_PAGE
        return self.entries[first : first + PER_PAGE]

    @property
    def page(self) -> int:
        """The page that is shown."""
        return min(self.query.page, self.pages)


def search(register: Register, query: RegisterQuery) -> Found:
    """The answer to a question, with the counts of what would narrow it further."""
    spoken = matching(register.texts, query.words)
    said = [entry for entry, is_said in zip(register.entries, spoken, strict=True) if is_said]
    found = [entry for entry in said if _fits(entry, query.chosen)]
    order = query.order.removeprefix(DESCENDING)
    found.sort(key=ORDERS[order], reverse=query.order.startswith(DESCENDING))
    facets = {name: _choices(name, said, query) for name in FACETS}
    return Found(query, found, facets, len(register.entries))


def _fits(entry: RegisterEntry, chosen: Mapping[str, str]) -> bool:
    return all(value in FACETS[name](entry) for name, value in chosen.items())


def _choices(name: str, said: Sequence[RegisterEntry], query: RegisterQuery) -> list[Choice]:
    """The values of a facet among what the other facets leave."""
    others = query.without(name)
    chosen = query.chosen.get(name, "")
    counts = Counter(
        value for entry in said if _fits(entry, others.chosen) for value in FACETS[name](entry)
    )
    if chosen:
        counts.setdefault(chosen, 0)
    labels = _labels(name, query)
    return [
        Choice(
            value,
            labels.get(value, value),
            counts[value],
            (others if value == chosen else query.choosing(name, value)).address(),
            value == chosen,
        )
        for value in _ordered(name, counts, labels)[:MOST_OPERATORS]
    ]


def _ordered(name: str, counts: Counter[str], labels: Mapping[str, str]) -> list[str]:
    if labels:
        return [value for value in dict.fromkeys([*labels, *sorted(counts)]) if value in counts]
    return sorted(counts, key=str.casefold, reverse=name == "annee")


def _labels(name: str, query: RegisterQuery) -> dict[str, str]:
    if name == "etat":
        return {key: str(words) for key, words in STATUSES.items()}
    if name == "profil":
        return dict(profile_words(query.chosen.get("dsr")))
    return {}
