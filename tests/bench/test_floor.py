"""The measured floor: what its processes do together is what one would have done."""

import pytest

from bench.floor import FlatOut, Floor, FloorError, Paced, Stock, Work
from bench.measure import Load

HANGS = "nothing, ever"


class _Process:
    """One end of a pipe to a process that answers at once."""

    def __init__(self, answer: Load | str | None) -> None:
        self._answer = answer
        self.asked: list[object] = []

    def send(self, obj: object, /) -> None:
        self.asked.append(obj)

    def recv(self) -> object:
        if self._answer is None:
            raise EOFError
        return self._answer

    def poll(self, timeout: float, /) -> bool:
        return timeout > 0 and self._answer is not HANGS

    def close(self) -> None:
        """Nothing is open."""


def test_what_two_processes_did_is_one_run_of_all_calls() -> None:
    """The throughput is all calls over the longest time, and a percentile one of all calls, not a mean of two."""
    load = Floor([_Process(Load(1.0, (0.1, 0.4))), _Process(Load(2.0, (0.2, 0.3)))]).run(Work.BARE, FlatOut(1), 4)
    assert load == Load(2.0, (0.1, 0.2, 0.3, 0.4))
    assert load.throughput == 2.0


def test_clients_and_pace_are_shared_out_evenly() -> None:
    """Of three clients two are in the first process, with two thirds of the pace; the other begins between them."""
    processes = [_Process(Load(1.0, (0.1,))), _Process(Load(1.0, (0.1,)))]
    Floor(processes).run(Work.ONE_JOB, Paced(90.0, 1.0), 3)
    assert [process.asked for process in processes] == [
        [(Work.ONE_JOB, Paced(60.0, 1.0), 2)],
        [(Work.ONE_JOB, Paced(30.0, 1.0, late=1 / 90), 1)],
    ]


def test_a_single_client_works_in_the_first_process() -> None:
    """The others are not asked, and stand still meanwhile."""
    processes = [_Process(Load(1.0, (0.1,))), _Process(Load(1.0, (0.1,)))]
    Floor(processes).run(Work.CUTS, FlatOut(1))
    assert [len(process.asked) for process in processes] == [1, 0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [("it failed there", "it failed there"), (None, "ended in the middle"), (HANGS, "did not answer within 30[01] s")],
)
def test_a_process_that_fails_ends_the_measurement_with_its_reason(answer: str | None, said: str) -> None:
    """Nothing is measured of what did not happen."""
    with pytest.raises(FloorError, match=said):
        Floor([_Process(answer)]).run(Work.BARE, FlatOut(1))


def test_every_card_is_in_one_share_and_what_is_done_alone_in_the_first() -> None:
    """Two processes never work on the same card."""
    stock = Stock(one_job=("a", "b", "c"), own_jobs=(("d",), ("e",)), unseen=("f",), to_cut=("g",))
    first, second = (stock.share(place, 2) for place in range(2))
    assert sorted([*first.one_job, *second.one_job]) == ["a", "b", "c"]
    assert [*first.own_jobs, *second.own_jobs] == [("d",), ("e",)]
    assert (first.unseen, second.unseen, first.to_cut, second.to_cut) == (("f",), (), ("g",), ())
