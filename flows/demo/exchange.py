"""The simulated exchange: the publishers' paths and formats over real HTTP on loopback.

    python -m flows.demo.exchange --now 2026-02-11T19:30 --port 8080

serves `/<publisher host>/<publisher path>` in the foreground and prints its address.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterable
from datetime import datetime, time
from threading import Event, Thread
from types import TracebackType
from typing import Self

from flows.calendar import IST
from flows.demo.sites.publishers import Publishers
from flows.demo.wire.faults import Fault, FaultKind
from flows.demo.wire.handler import RequestRecord, Server
from flows.demo.world.companies import DEMO_COUNT, MOST
from flows.demo.world.market import SEED, Market, simulate
from flows.demo.world.story import LAST_SESSION

EVENING = time(21, 30)


class Exchange:
    """A running simulated exchange, to be used as a context manager.

    Attributes:
        market: what the publishers know.
        faults: how they misbehave, the first match first; may be changed while running.
        log: every request so far.
    """

    def __init__(
        self,
        market: Market | None = None,
        *,
        now: datetime | None = None,
        faults: Iterable[Fault] = (),
        port: int = 0,
    ) -> None:
        self.market = market or simulate()
        self.publishers = Publishers(self.market)
        self.faults = list(faults)
        self.log: list[RequestRecord] = []
        self.now = now or datetime.combine(LAST_SESSION, EVENING, tzinfo=IST)
        self._server = Server(("127.0.0.1", port), self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def now(self) -> datetime:
        """The simulated clock. It stands still until it is set."""
        return self._now

    @now.setter
    def now(self, instant: datetime) -> None:
        if instant.tzinfo is None:
            raise ValueError(f"The simulated clock needs a time zone; got {instant.isoformat()}")
        self._now = instant

    @property
    def url(self) -> str:
        """Address of the exchange, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def forget_cookies(self) -> None:
        """Make every visitor warm up again."""
        self.publishers.forget_cookies()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()
        self._thread.join()


def draw_shares(market: Market) -> int:
    """Draw the shares before anyone waits for an answer; those of a full market take a minute.

    Returns how many rows are known of them.
    """
    shares = market.shares
    return sum(
        frame.height for frame in (shares.bars, shares.caps, shares.extremes, shares.actions)
    )


def ist_instant(text: str) -> datetime:
    """An ISO instant; without a time zone it is one of Asia/Kolkata."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=IST)


def fault_from_text(text: str) -> Fault:
    """A fault written `kind@path`, or `kind@path@times`."""
    kind, path, *times = text.split("@")
    return Fault(path, FaultKind(kind), int(times[0]) if times else None)


def companies(text: str) -> int:
    """How many companies are listed; the scripted ones are always among them."""
    count = int(text)
    if not DEMO_COUNT <= count <= MOST:
        raise argparse.ArgumentTypeError(f"from {DEMO_COUNT} to {MOST} companies, not {count}")
    return count


def main(arguments: list[str] | None = None) -> None:
    """Serve in the foreground until interrupted or terminated."""
    parser = argparse.ArgumentParser(prog="python -m flows.demo.exchange", description=__doc__)
    parser.add_argument(
        "--now", type=ist_instant, help="simulated clock, ISO, Asia/Kolkata unless it says"
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of the market")
    parser.add_argument(
        "--shares",
        type=companies,
        default=DEMO_COUNT,
        metavar="N",
        help=f"companies listed, {DEMO_COUNT} to {MOST}; other securities trade besides",
    )
    parser.add_argument(
        "--fault",
        type=fault_from_text,
        action="append",
        default=[],
        metavar="KIND@PATH[@TIMES]",
        help="misbehave: KIND on paths matching the regular expression PATH; repeatable",
    )
    options = parser.parse_args(arguments)
    stop = Event()
    # Said outright: a process started in the background may have inherited a deaf ear for SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    market = simulate(seed=options.seed, share_count=options.shares)
    if options.shares > DEMO_COUNT:
        draw_shares(market)
    with Exchange(market, now=options.now, faults=options.fault, port=options.port) as exchange:
        sys.stdout.write(f"{exchange.url}\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()
