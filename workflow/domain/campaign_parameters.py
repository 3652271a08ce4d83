"""What a campaign's YAML file says, read whole and refused with every fault at once.

[règles 35 43]
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflow.business_days import FIRST_YEAR, LAST_YEAR, Calendar
from workflow.clock import PARIS, in_utc, paris_date
from workflow.delay import Delay, InvalidDelay, next_session
from workflow.domain import proof_limits, reminder
from workflow.errors import InvalidInput

FORCED_PROFILE = "general"
TIME_ZONE = "Europe/Paris"
LARGEST_QUORUM = 100
OPTIONAL_DELAYS: Mapping[str, Mapping[str, Any]] = {
    # [DER] the tool reminds twice of a convention to sign; it rejects nothing (DSR 4.2, 4.10).
    "convention_reminder": {
        "amount": 7,
        "unit": "day",
        "counting": "calendar",
        "effect": "reminder",
        "source": "DER",
    },
    "convention_last_reminder": {
        "amount": 14,
        "unit": "day",
        "counting": "calendar",
        "effect": "reminder",
        "source": "DER",
    },
    # [DER] the tool reminds of the provisional date that the operator gave (DSR 4.2).
    "proof_reminder": {
        "amount": 0,
        "unit": "day",
        "counting": "calendar",
        "effect": "reminder",
        "source": "DSR 4.2",
    },
    **reminder.REMINDERS,
}
AGENCY_SIRENS = ("187512751",)
"""The Agence du numérique en santé, which may be judge and candidate (DSR 4.1.1)."""
REQUIRED_DELAYS = (
    "admissibility_check",
    "admissibility_solicitation",
    "solicitation_deprioritise",
    "solicitation_delay",
    "solicitation_abandon",
    "instruction",
    "reservation_lifting",
)
_KEYS = (
    "id",
    "dsr",
    "name",
    "funding",
    "opens_at",
    "closes_at",
    "time_zone",
    "holidays",
    "closed_days",
    "profiles",
    "profile_names",
    "agency_sirens",
    "catalogue",
    "delays",
    "college",
    proof_limits.KEY,
)


class InvalidCampaign(InvalidInput):
    """A campaign that cannot be run; `faults` names each one by its path in the YAML."""

    code = "invalid_campaign"

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


FRENCH, ENGLISH = "fr", "en"
Words = Mapping[str, str]
"""A text by language; French is always there, the others stand in its place where they are."""


def in_language(words: Words, language: str) -> str:
    """The text in a language, in French when it was not translated."""
    return words.get(language) or words.get(FRENCH, "")


@dataclass(frozen=True)
class Closing:
    """When deposits end (excluded), and the text that says so."""

    instant: datetime
    basis: str


@dataclass(frozen=True)
class CollegeRule:
    """When the college sits, how many members make a decision valid, and who may be invited."""

    weekday: str
    time: str
    on_closed_day: str
    quorum: int
    partners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Campaign:
    """One DSR, its dates, its calendar and its delays, as in force.

    `version_id` and `catalogue_version_id` name the stored rows, `version` is the number that
    people read; None before deployment.
    """

    id: str
    dsr: str
    opens_at: datetime
    closes_at: Closing
    calendar: Calendar
    profiles: tuple[str, ...]
    catalogue: str
    delays: Mapping[str, Delay]
    college: CollegeRule
    parameters: Mapping[str, Any] = field(repr=False)
    profile_names: Mapping[str, Words]
    agency_sirens: tuple[str, ...]
    name: Words = field(default_factory=dict[str, str])
    funding: Words = field(default_factory=dict[str, str])
    """Who funds it, as its documents must say (DSR cover); nothing when nobody need be named."""
    version_id: int | None = None
    catalogue_version_id: int | None = None
    version: int | None = None

    @classmethod
    def parse(
        cls,
        mapping: object,
        *,
        version_id: int | None = None,
        catalogue_version_id: int | None = None,
    ) -> Campaign:
        """The campaign that a mapping describes; raises InvalidCampaign with every fault."""
        return _Reading(mapping).campaign(version_id, catalogue_version_id)

    @property
    def year(self) -> int:
        """The year in which it opens, in Paris: dossiers and listings are numbered by it."""
        return paris_date(self.opens_at).year

    def title(self, language: str = FRENCH) -> str:
        """What it lists, in words; its DSR when it has no name."""
        return in_language(self.name, language) or self.dsr

    def names_of(self, profiles: Iterable[str], language: str = FRENCH) -> str:
        """Profiles as a document names them; one without a name is quoted by its id."""
        return ", ".join(self.profile_name(profile, language) for profile in profiles)

    def profile_name(self, profile: str, language: str = FRENCH) -> str:
        """A profile in words, its id when it has none."""
        return in_language(self.profile_names.get(profile, {}), language) or profile

    def feel_constants(self, language: str = FRENCH) -> dict[str, Any]:
        """What the expressions of diagrams and forms may read, under the name `campaign`."""
        named = f"{self.dsr}, {self.title(language)}" if self.name else self.dsr
        return {
            "campaign": {
                "id": self.id,
                "dsr": self.dsr,
                "opens_at": self.opens_at.astimezone(PARIS),
                "closes_at": self.closes_at.instant.astimezone(PARIS),
                "profiles": list(self.profiles),
                "dsr_options": [{"value": self.dsr, "label": named}],
                "profile_options": [
                    {"value": each, "label": self.profile_name(each, language)}
                    for each in self.profiles
                ],
                "catalogue": self.catalogue,
                "quorum": self.college.quorum,
            }
        }


def parse(mapping: object) -> Campaign:
    """See `Campaign.parse`."""
    return Campaign.parse(mapping)


def merge(mapping: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """`mapping` with `overrides` laid over it, key by key; lists are replaced whole."""
    merged = copy.deepcopy(dict(mapping))
    for key, value in overrides.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(below, value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def plain(value: Any) -> Any:
    """`value` as JSON can store it: what YAML read as dates is written as ISO text again."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


class _Reading:
    """Reads one mapping and gathers its faults."""

    def __init__(self, mapping: object) -> None:
        self.faults: list[str] = []
        self.mapping: Mapping[str, Any] = mapping if isinstance(mapping, Mapping) else {}
        if not isinstance(mapping, Mapping):
            self._fault("campaign", "a mapping of parameters", mapping, "Write one key a line")

    def campaign(self, version_id: int | None, catalogue_version_id: int | None) -> Campaign:
        for key in self.mapping:
            if key not in _KEYS:
                self._fault(str(key), "a known parameter", key, f"Known are {', '.join(_KEYS)}")
        campaign_id = self._text(self.mapping, "", "id")
        dsr = self._text(self.mapping, "", "dsr")
        opens_at = self._instant("opens_at", self.mapping.get("opens_at"))
        closes_at = self._closing()
        if opens_at and closes_at and closes_at.instant <= opens_at:
            self._fault(
                "closes_at.instant", "an instant after opens_at", closes_at.instant, "Move it"
            )
        if self.mapping.get("time_zone", TIME_ZONE) != TIME_ZONE:
            self._fault("time_zone", TIME_ZONE, self.mapping["time_zone"], "The law is Paris time")
        calendar = self._calendar()
        profiles = self._profiles()
        catalogue = self._text(self.mapping, "", "catalogue")
        delays = self._delays()
        college = self._college(calendar)
        profile_names = self._profile_names()
        agency_sirens = self._agency_sirens()
        name, funding = self._optional_words("name"), self._optional_words("funding")
        self.faults += proof_limits.faults_of(self.mapping)
        if self.faults or opens_at is None or closes_at is None or college is None:
            raise InvalidCampaign(self.faults)
        return Campaign(
            campaign_id,
            dsr,
            opens_at,
            closes_at,
            calendar,
            profiles,
            catalogue,
            delays,
            college,
            plain(self.mapping),
            profile_names,
            agency_sirens,
            name,
            funding,
            version_id,
            catalogue_version_id,
        )

    def _fault(self, path: str, expected: str, found: object, remedy: str) -> None:
        shown = found.isoformat() if isinstance(found, date) else repr(found)
        self.faults.append(f"{path}: Expected {expected} but found {shown}. {remedy}.")

    def _text(self, mapping: Mapping[str, Any], prefix: str, key: str) -> str:
        value = mapping.get(key)
        if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= 80:
            return value
        self._fault(prefix + key, "a short text", value, "Write one")
        return ""

    def _instant(self, path: str, value: object) -> datetime | None:
        moment = value
        if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                moment = None
        elif isinstance(value, date) and not isinstance(value, datetime):
            moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001
        if not isinstance(moment, datetime) or not FIRST_YEAR < moment.year < LAST_YEAR:
            expected = f"an instant after {FIRST_YEAR} and before {LAST_YEAR}"
            self._fault(path, expected, value, "Write it as 2022-11-23T00:00")
            return None
        return in_utc(moment if moment.tzinfo else moment.replace(tzinfo=PARIS))

    def _closing(self) -> Closing | None:
        closing = self.mapping.get("closes_at")
        if not isinstance(closing, Mapping):
            self._fault(
                "closes_at", "an instant and its basis", closing, "Write {instant: …, basis: …}"
            )
            return None
        instant = self._instant("closes_at.instant", closing.get("instant"))
        basis = self._text(closing, "closes_at.", "basis")
        return Closing(instant, basis) if instant else None

    def _calendar(self) -> Calendar:
        days = self.mapping.get("closed_days")
        if days is not None and not isinstance(days, list):
            self._fault("closed_days", "a list of days", days, "Write [2022-12-26]")
            days = None
        closed: list[date] = []
        for index, day in enumerate(days or []):
            try:
                closed.append(day if isinstance(day, date) else date.fromisoformat(day))
            except (TypeError, ValueError):
                self._fault(f"closed_days[{index}]", "a day", day, "Write it as 2022-12-26")
        zone = self.mapping.get("holidays", "metropole")
        try:
            return Calendar(zone if isinstance(zone, str) else repr(zone), tuple(closed))
        except InvalidInput as fault:
            self.faults.append(f"holidays: {fault}")
            return Calendar()

    def _profiles(self) -> tuple[str, ...]:
        profiles = self.mapping.get("profiles")
        if not isinstance(profiles, list) or not all(isinstance(name, str) for name in profiles):
            self._fault("profiles", "a list of names", profiles, "Write [general]")
            return ()
        if FORCED_PROFILE not in profiles or len(set(profiles)) != len(profiles):
            self._fault(
                "profiles", f"{FORCED_PROFILE} and each name once", profiles, "Correct them"
            )
        return tuple(profiles)

    def _profile_names(self) -> dict[str, Words]:
        names = self.mapping.get("profile_names") or {}
        if not isinstance(names, Mapping):
            self._fault("profile_names", "a mapping of names", names, "Write one name a line")
            return {}
        return {key: self._words(f"profile_names.{key}", names[key]) for key in names}

    def _optional_words(self, key: str) -> Words:
        return self._words(key, self.mapping[key]) if key in self.mapping else {}

    def _words(self, path: str, written: object) -> Words:
        words = written if isinstance(written, Mapping) else {FRENCH: written}
        if FRENCH not in words or not set(words) <= {FRENCH, ENGLISH}:
            self._fault(path, "a French text, and an English one", written, "Write {fr: …, en: …}")
            return {}
        return {language: self._text(words, f"{path}.", language) for language in words}

    def _agency_sirens(self) -> tuple[str, ...]:
        sirens = self.mapping.get("agency_sirens", list(AGENCY_SIRENS))
        if not isinstance(sirens, list) or not all(
            isinstance(siren, str) and re.fullmatch(r"[0-9]{9}", siren) for siren in sirens
        ):
            self._fault(
                "agency_sirens",
                "a list of SIREN numbers",
                sirens,
                'Write nine digits between quotes, as ["187512751"]',
            )
            return ()
        return tuple(sirens)

    def _partners(self, college: Mapping[str, Any]) -> tuple[str, ...]:
        partners = college.get("partners") or []
        if not isinstance(partners, list) or not all(
            isinstance(name, str) and 0 < len(name.strip()) <= 80 for name in partners
        ):
            self._fault("college.partners", "a list of names", partners, "Write [CNDA]")
            return ()
        return tuple(partners)

    def _delays(self) -> dict[str, Delay]:
        known_faults = len(self.faults)
        written = self.mapping.get("delays")
        if not isinstance(written, Mapping):
            self._fault("delays", "a mapping of delays", written, "Write one delay a line")
            return {}
        for key in REQUIRED_DELAYS:
            if key not in written:
                self.faults.append(f"delays.{key}: Expected this delay but found none. Add it.")
        delays: dict[str, Delay] = {}
        for key, value in {**OPTIONAL_DELAYS, **written}.items():
            try:
                delays[str(key)] = Delay.parse(str(key), value)
            except InvalidDelay as fault:
                self.faults.append(f"delays.{key}: {fault}")
        if len(self.faults) == known_faults:
            self.faults += reminder.faults_of(delays)
        return delays

    def _college(self, calendar: Calendar) -> CollegeRule | None:
        college = self.mapping.get("college")
        if not isinstance(college, Mapping):
            self._fault("college", "a weekday, a time and a quorum", college, "Write them")
            return None
        quorum = college.get("quorum")
        if type(quorum) is not int or not 1 <= quorum <= LARGEST_QUORUM:
            expected = f"a whole number of members, 1 to {LARGEST_QUORUM}"
            self._fault("college.quorum", expected, quorum, "Correct it")
            quorum = 1
        rule = CollegeRule(
            college.get("weekday", ""),
            college.get("time", ""),
            college.get("on_closed_day", "previous_business_day"),
            quorum,
            self._partners(college),
        )
        self._try(
            "college",
            lambda: next_session(
                rule.weekday,
                rule.time,
                rule.on_closed_day,
                calendar,
                datetime(2022, 1, 1, tzinfo=PARIS),
            ),
        )
        return rule

    def _try(self, path: str, read: Callable[[], object]) -> None:
        try:
            read()
        except InvalidInput as fault:
            self.faults.append(f"{path}: {fault}")
