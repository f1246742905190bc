"""Work in parts: one after the other, on threads, in processes or on a cluster, with one result.

What is random draws from blocks of a fixed size, each with a seed of its own spawned from the
caller's. Which worker computes a block, when, and with how many others, is therefore of no
consequence to what it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from evsyn.errors import StatsError

__all__ = ["BLOCK", "Executor", "Progress", "blocks", "checked_count", "mapped", "seeded"]

BLOCK = 8192  # random replicates that share a seed: never changes with the machine

Task = TypeVar("Task")
Result = TypeVar("Result")
Progress = Callable[[float], object]


class Executor(Protocol):
    """Whatever has a ``map``: an executor of `concurrent.futures`, a client of a cluster."""

    def map(self, function: Callable[..., Any], tasks: Any, /) -> Iterable[Any]:
        """Apply a function to each task, in order."""
        ...


def mapped(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Iterator[Result]:
    """Apply a function to each task and give the results in order.

    Parameters
    ----------
    function : callable
        Importable by name, so that it can be sent to another process.
    tasks : sequence
        What it is applied to.
    executor : Executor, optional
        Anything with a ``map``: `concurrent.futures.ThreadPoolExecutor` or
        ``ProcessPoolExecutor``, or `distributed.Client`, whose futures are gathered. Without it
        tasks run here, one after the other, each only when its result is asked for.
    progress : callable, optional
        Called with the share of tasks done, in 0..1, after each.

    Yields
    ------
    object
        One result a task.

    Examples
    --------
    >>> list(mapped(abs, [-1, 2], progress=print))
    0.5
    1.0
    [1, 2]
    """
    results = map(function, tasks) if executor is None else _sent(function, tasks, executor)
    for number, result in enumerate(results, start=1):
        yield result
        if progress is not None:
            progress(number / len(tasks))


def _sent(
    function: Callable[[Task], Result], tasks: Sequence[Task], executor: Executor
) -> Iterable[Result]:
    """Results from elsewhere; futures, as a cluster's client gives them, one by one."""
    for found in executor.map(function, tasks):
        yield found.result() if hasattr(found, "result") and hasattr(executor, "gather") else found


def blocks(total: int, width: int = BLOCK) -> list[tuple[int, int]]:
    """Parts of at most ``width`` that make up ``total``, as pairs of start and end.

    Examples
    --------
    >>> blocks(5, 2)
    [(0, 2), (2, 4), (4, 5)]
    """
    return [(at, min(at + width, total)) for at in range(0, total, width)]


def seeded(seed: int | np.random.SeedSequence | None, total: int) -> list[tuple[Any, int]]:
    """Blocks of random replicates, each with its own seed.

    Parameters
    ----------
    seed : int, SeedSequence or None
        Seed of the whole; ``None`` takes one from the operating system.
    total : int
        Replicates.

    Returns
    -------
    list of tuple
        The seed of each block, and its number of replicates.

    Raises
    ------
    StatsError
        If the seed is none.

    Examples
    --------
    >>> [count for _, count in seeded(1, 10_000)]
    [8192, 1808]
    """
    sizes = [end - start for start, end in blocks(total)]
    if isinstance(seed, np.random.SeedSequence):
        # Spawning counts up inside the caller's object: a copy gives the same children each time.
        source = np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key)
    else:
        try:
            source = np.random.SeedSequence(seed)
        except (TypeError, ValueError) as error:
            raise StatsError(f"seed={seed!r} is no seed; give a whole number, 0 or more") from error
    return list(zip(source.spawn(len(sizes)), sizes, strict=True))


def checked_count(name: str, value: object, *, least: int = 1) -> int:
    """Whole number of replicates, subsets or permutations.

    Raises
    ------
    StatsError
        If it is not whole, or below the least allowed.

    Examples
    --------
    >>> checked_count("replicates", 10.0)
    10
    """
    number = isinstance(value, int | float | np.integer) and not isinstance(value, bool)
    count = float(value) if number else np.nan  # type: ignore[arg-type]
    if not count >= least or count != np.floor(count) or np.isinf(count):
        raise StatsError(f"{name}={value!r} is not allowed; give a whole number, {least} or more")
    return int(count)
