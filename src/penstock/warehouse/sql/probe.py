"""The hash probe: notices when an engine's hash function changed and brings the stored hashes up to date."""

from __future__ import annotations

from penstock.errors import WarehouseError
from penstock.warehouse.sql.catalog import Catalog
from penstock.warehouse.sql.dialect import Session
from penstock.warehouse.sql.evolve import from_stored_form, rehash

# One literal of every type the columns can have, and NULL.
_PROBE = ("cast('penstock' as text)", "cast(7 as bigint)", "1.5", "true", "cast(null as text)")


def open_books(session: Session, catalog: Catalog) -> None:
    """Create the books where they are missing, and recompute all hashes if the engine hashes differently now."""
    found = str(session.run(f"select {catalog.dialect.hash_of(_PROBE)}")[0][0])
    if _find_probe(session, catalog) == found:
        return
    with session.transaction():
        catalog.create(session)
        for declaration in catalog.list_declarations(session):
            rehash(session, catalog, from_stored_form(declaration))
        catalog.run(session, "save_probe", {"value": found})


def _find_probe(session: Session, catalog: Catalog) -> str | None:
    try:
        rows = catalog.run(session, "find_probe")
    except WarehouseError:
        # The books are not there yet; what else may be wrong shows when they are created.
        return None
    return rows[0][0] if rows else None
