"""The same work through the library `eventsourcing`: load an aggregate, add an event, save it."""

import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

from bench.machine import cores
from bench.measure import Load

_SAVES_OF_A_CARD = 10


class Card(Aggregate):
    """A card that goes through operations."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.operations = 0

    @event("OperationCompleted")
    def complete(self, operation: str, station: str) -> None:
        """Note that an operation is done."""
        self.operations += 1
        self.last = (operation, station)


def saves(dsn: str, clients: int, seconds: float) -> Load:
    """Let so many clients load, change and save cards of their own as fast as they can for so long.

    The library is synchronous, so the clients are threads; they are spread over a process for each core, because in
    one process they would wait for each other more than for the database.
    """
    processes = min(clients, cores())
    shares = [len(range(number, clients, processes)) for number in range(processes)]
    # It makes its tables when it is made, which several processes must not do at once.
    _application(dsn, 1).close()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        runs = [pool.submit(_process, dsn, share, seconds) for share in shares]
        latencies = [latency for run in runs for latency in run.result()]
    return Load(seconds, tuple(sorted(latencies)))


def _process(dsn: str, clients: int, seconds: float) -> list[float]:
    """What the threads of one process measure, after all of them have opened their connections."""
    application = _application(dsn, clients, makes_tables=False)
    try:
        with ThreadPoolExecutor(clients) as threads:
            for measured_seconds in (0.3, seconds):
                deadline = time.perf_counter() + measured_seconds
                runs = [threads.submit(_client, application, number, deadline) for number in range(clients)]
                latencies = [latency for run in runs for latency in run.result()]
    finally:
        application.close()
    return latencies


def _application(dsn: str, connections: int, *, makes_tables: bool = True) -> Application[UUID]:
    parts = {"host": "", "port": "5432", "user": "", "password": "", **conninfo_to_dict(dsn)}
    return Application[UUID](
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(parts["dbname"]),
            "POSTGRES_HOST": str(parts["host"]),
            "POSTGRES_PORT": str(parts["port"]),
            "POSTGRES_USER": str(parts["user"]),
            "POSTGRES_PASSWORD": str(parts["password"]),
            "CREATE_TABLE": "yes" if makes_tables else "no",
            "POSTGRES_POOL_SIZE": str(connections),
            "POSTGRES_MAX_OVERFLOW": "4",
        }
    )


def _client(application: Application[UUID], number: int, deadline: float) -> list[float]:
    latencies: list[float] = []
    card, saves_of_card = _new_card(application, number), 0
    while (begun := time.perf_counter()) < deadline:
        # Ever longer streams would be measured otherwise; a card of the shop has some 20 events.
        if saves_of_card >= _SAVES_OF_A_CARD:
            card, saves_of_card = _new_card(application, number), 0
            begun = time.perf_counter()
        loaded = application.repository.get(card)
        assert isinstance(loaded, Card)
        loaded.complete("FOIL", "FOIL-1")
        application.save(loaded)
        latencies.append(time.perf_counter() - begun)
        saves_of_card += 1
    return latencies


def _new_card(application: Application[UUID], number: int) -> UUID:
    card = Card(f"J1044-S003-{number:02d}")
    application.save(card)
    return card.id
