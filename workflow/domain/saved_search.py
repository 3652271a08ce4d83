"""Searches kept by name: each person's own, those shared with the Agency, and one by default.

A search is the filters of a list as its address holds them: it finds what is there when it is
opened, and gives nobody anything that they may not read. Only people of the Agency have any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.domain.person import Actor
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

LONGEST_NAME = 80
LONGEST_VALUE = 100
MOST_SEARCHES = 50
"""Of one person on one list."""
MOST_SHOWN = 200
FILTERS: Mapping[str, tuple[str, ...]] = {
    "queue": ("q", "etat", "pris", "reste", "signal", "profil", "conflit", "lu", "tri"),
    "dossiers": (
        "q",
        "ou",
        "phase",
        "operateur",
        "profil",
        "campagne",
        "instructeur",
        "echeance",
        "lu",
        "tri",
    ),
}
"""List → the filters that its address may hold; the last one is its order."""
SORT = "tri"


class TooManySearches(Conflict):
    """A person who keeps as many searches of a list as one may."""

    code = "too_many_searches"


class SearchNameTaken(Conflict):
    """A name under which this person keeps another search of the same list."""

    code = "search_name_taken"


class SavedSearch(Base):
    """Filters of one list under a name; `shared` ones are offered to the whole Agency."""

    __tablename__ = "saved_search"
    __table_args__ = (Index(None, "person_id", "page"), Index(None, "page", "shared"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    filters: Mapped[dict[str, str]] = mapped_column(Json)
    shared: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(Instant)


class DefaultSearch(Base):
    """The search with which a list opens for someone."""

    __tablename__ = "default_search"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(20), primary_key=True)
    search_id: Mapped[int] = mapped_column(ForeignKey("saved_search.id"), index=True)


def add(
    session: Session,
    actor: Actor,
    at: datetime,
    *,
    page: str,
    name: str,
    filters: Mapping[str, str],
    shared: bool = False,
) -> SavedSearch:
    """Keep a search; raises NotAllowed, InvalidAnswer, TooManySearches, SearchNameTaken."""
    person_id = _require_agency(actor)
    kept = known(page, filters)
    titled = _named(name)
    own = (SavedSearch.person_id == person_id, SavedSearch.page == page)
    if (session.scalar(select(func.count()).where(*own)) or 0) >= MOST_SEARCHES:
        raise TooManySearches(
            f"Expected at most {MOST_SEARCHES} searches of one list but there are as many."
            " Delete one that serves no more."
        )
    _require_free(session, person_id, page, titled)
    added = SavedSearch(
        person_id=person_id, page=page, name=titled, filters=kept, shared=shared, changed_at=at
    )
    session.add(added)
    session.flush()  # Whoever makes it theirs by default names it by its id.
    return added


def change(
    session: Session, actor: Actor, at: datetime, search_id: int, *, name: str, shared: bool
) -> SavedSearch:
    """Rename, share or unshare one's own search; raises as `add` does, and NotFound."""
    found = readable(session, actor, search_id)
    if found.person_id != actor.person_id:
        raise NotAllowed(
            f"Expected the person who keeps search {search_id} but {actor.name} is another."
            " Keep the same filters under a name of your own."
        )
    titled = _named(name)
    _require_free(session, found.person_id, found.page, titled, search_id)
    if found.shared and not shared:
        _forget_as_default(session, found, but=found.person_id)
    found.name, found.shared, found.changed_at = titled, shared, at
    return found


def remove(session: Session, actor: Actor, search_id: int) -> SavedSearch:
    """Delete one's own search; an administrator deletes any that is shared.

    Raises NotFound, and NotAllowed on a shared search of somebody else.
    """
    found = removable(session, actor, search_id)
    _forget_as_default(session, found)
    session.delete(found)
    return found


def removable(session: Session, actor: Actor, search_id: int) -> SavedSearch:
    """A search that someone may delete; raises NotFound, and NotAllowed as `remove` does."""
    found = readable(session, actor, search_id)
    if not may_remove(found, actor):
        raise NotAllowed(
            f"Expected the person who keeps search {search_id}, or an administrator, but"
            f" {actor.name} is neither. Ask one of them."
        )
    return found


def may_remove(search: SavedSearch, actor: Actor) -> bool:
    """Whether someone may delete a search that they read."""
    return search.person_id == actor.person_id or "administrator" in actor.roles


def choose(session: Session, actor: Actor, page: str, search_id: int | None) -> None:
    """Open a list with a search from now on, or with none; raises NotFound, InvalidAnswer."""
    person_id = _require_agency(actor)
    known(page, {})
    if search_id is not None and readable(session, actor, search_id).page != page:
        raise NotFound(f"Expected a search of {page} but {search_id} is another's. Choose one.")
    chosen = session.get(DefaultSearch, (person_id, page))
    if search_id is None:
        if chosen is not None:
            session.delete(chosen)
    elif chosen is None:
        session.add(DefaultSearch(person_id=person_id, page=page, search_id=search_id))
    else:
        chosen.search_id = search_id


def is_default(session: Session, actor: Actor, search: SavedSearch) -> bool:
    """Whether a list opens with this search for someone."""
    chosen = session.get(DefaultSearch, (actor.person_id, search.page))
    return chosen is not None and chosen.search_id == search.id


def readable(session: Session, actor: Actor, search_id: int) -> SavedSearch:
    """One's own search, or one that is shared; raises NotFound for any other."""
    found = session.get(SavedSearch, search_id)
    is_own = found is not None and found.person_id == actor.person_id
    if found is None or not actor.is_agency or not (is_own or found.shared):
        raise NotFound(f"Expected a search of yours but {search_id} is none. Check the number.")
    return found


def offered(
    session: Session, actor: Actor, page: str | None = None, *, after: int = 0, limit: int = 200
) -> Sequence[tuple[SavedSearch, bool]]:
    """One's own searches and the shared ones in the order they came; whether one's default."""
    if not actor.is_agency:
        return []
    query = (
        select(SavedSearch, DefaultSearch.search_id.is_not(None))
        .outerjoin(
            DefaultSearch,
            (DefaultSearch.search_id == SavedSearch.id)
            & (DefaultSearch.person_id == actor.person_id),
        )
        .where(
            or_(SavedSearch.person_id == actor.person_id, SavedSearch.shared.is_(True)),
            SavedSearch.id > after,
        )
    )
    if page is not None:
        query = query.where(SavedSearch.page == page)
    rows = session.execute(query.order_by(SavedSearch.id).limit(min(limit, MOST_SHOWN)))
    return [(search, is_default) for search, is_default in rows]


def known(page: str, filters: Mapping[str, str]) -> dict[str, str]:
    """The filters that a list knows, in its own order; raises InvalidAnswer on any other."""
    names = FILTERS.get(page)
    if names is None:
        raise InvalidAnswer(
            f"Expected a page among {', '.join(FILTERS)} but found {page!r}. Choose one.",
            {"page": ["Choisissez la file ou les dossiers."]},
        )
    strange = sorted(set(filters) - set(names))
    if strange or any(len(value) > LONGEST_VALUE for value in filters.values()):
        raise InvalidAnswer(
            f"Expected filters among {', '.join(names)}, of {LONGEST_VALUE} characters at most,"
            f" but found {', '.join(strange) or 'a longer one'}. Take it away.",
            {"filters": ["Ces filtres ne sont pas ceux de la liste."]},
        )
    return {name: filters[name] for name in names if filters.get(name)}


def _require_agency(actor: Actor) -> int:
    if actor.person_id is None or not actor.is_agency:
        raise NotAllowed(
            f"Expected a person of the Agency but {actor.name} is not. Searches are its own."
        )
    return actor.person_id


def _named(name: str) -> str:
    titled = " ".join(name.split())
    if not titled or len(titled) > LONGEST_NAME:
        raise InvalidAnswer(
            f"Expected a name of 1 to {LONGEST_NAME} characters but found {len(titled)}."
            " Write one.",
            {"name": [f"Donnez un nom de {LONGEST_NAME} caractères au plus."]},
        )
    return titled


def _require_free(
    session: Session, person_id: int, page: str, name: str, but: int | None = None
) -> None:
    rows = session.execute(
        select(SavedSearch.id, SavedSearch.name)
        .where(SavedSearch.person_id == person_id, SavedSearch.page == page)
        .limit(MOST_SEARCHES)
    )
    if any(row.name.casefold() == name.casefold() and row.id != but for row in rows):
        raise SearchNameTaken(
            f"Expected a name that is free but {name!r} is taken. Choose another, or delete the"
            " search that has it."
        )


def _forget_as_default(session: Session, search: SavedSearch, *, but: int | None = None) -> None:
    statement = delete(DefaultSearch).where(DefaultSearch.search_id == search.id)
    if but is not None:
        statement = statement.where(DefaultSearch.person_id != but)
    session.execute(statement)
