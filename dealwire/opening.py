"""The warehouse that the settings name."""

from dealwire.settings import Settings
from dealwire.warehouse.connect import OnWait, Warehouse


def warehouse(settings: Settings, on_wait: OnWait | None = None) -> Warehouse:
    """The warehouse; `on_wait` is told once a wait who holds it."""
    if settings.lake is None:
        return Warehouse(settings.database, wait_seconds=settings.lock_seconds, on_wait=on_wait)
    from dealwire.warehouse.lake import Lake

    return Lake(
        settings.lake,
        data_path=settings.data_path,
        path=settings.database,
        wait_seconds=settings.lock_seconds,
        on_wait=on_wait,
    )
