"""Each safeguard switched off in a scene that needs it: the oracle must fail, or its silence would prove nothing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from kumo.domain.alerts import Answer, Outcome
from kumo.engine import delivery, sweep
from kumo.engine.delivery import LEASE_MS
from kumo.store.partition import Partition
from tests.chaos.findings import CHECKS, Findings
from tests.chaos.scene import Died, Scene, scene
from tests.cut_scripts import Passage

STEADY: Final = (50, 51, 49, 50, 52, 48, 50, 51, 49, 50, 50, 51)
JUMP: Final = 500
USUAL: Final = {back: 100 + back % 3 for back in range(11, 0, -1)}
CURSOR: Final = "if (redis.call('GET', keys.cursor) or '0') ~= args.cursor then return -1 end"
ARRIVAL: Final = (
    "if args.last ~= args.cursor and "
    "#redis.call('XRANGE', keys.pending, args.last .. '-0', args.last .. '-0') == 0 then return -1 end"
)
VERSION: Final = "if (redis.call('GET', keys.version) or '0') ~= args.version then return {} end"


def idempotency(on: Scene) -> None:
    """A web process dies between recording and answering; the client sends the request again."""
    on.deaf = on.cut
    with suppress(Died):
        on.post(STEADY, "one", on.at("record.after", _die))
    on.post(STEADY, "one")
    on.rest()


def fence(on: Scene) -> None:
    """A judge stops before its commit; another judges the same arrivals, the alert is sent; the first continues."""
    on.post((*STEADY, JUMP), "one")
    number = len(STEADY) + 1

    def meanwhile() -> None:
        on.judge_arrivals(number)
        on.deliver()

    on.judge_arrivals(number, on.at("commit.before", meanwhile))
    on.rest()
    on.deliver()


def version(on: Scene) -> None:
    """A judge has folded a group and stops before its commit; costs arrive, and another combines the group."""
    on.spend(USUAL)
    on.rest()
    on.spend({0: 20})
    on.combine()

    def meanwhile() -> None:
        on.spend({0: 1_000})
        on.combine()

    on.judge(on.at("commit.before", meanwhile))
    on.rest()
    on.deliver()


def combining(on: Scene) -> None:
    """A judge has read the shares of a group and stops; costs arrive, another combines them; the first continues."""
    on.spend(USUAL)

    def meanwhile() -> None:
        on.spend({1: 1_000})
        on.combine()

    on.combine(on.at("combine.read", meanwhile))
    on.rest()
    on.deliver()


def hints(on: Scene) -> None:
    """A judge has read the shares of a group; before it settles the hints, more costs of the same days arrive."""
    on.spend(USUAL)
    on.combine(on.at("combine.read", lambda: on.spend({1: 1_000})))
    on.rest()
    on.deliver()


def lost_job(on: Scene) -> None:
    """A web process dies between recording and asking for a judge; that one was on its way is forgotten after 10 s."""
    with suppress(Died):
        on.post(STEADY, "one", on.at("record.after", _die))
    on.post(STEADY, "one")
    on.services.store.client.delete(Partition(0).wake)
    if not on.cut:
        sweep.sweep(on.services)
        on.work()
        sweep.sweep(on.services)  # which marks what the first one did not know yet
    on.work()
    sweep.sweep(on.services)


def lease(on: Scene) -> None:
    """A notifier has claimed an alert and is about to post it; another looks for due alerts."""
    on.post((*STEADY, JUMP), "one")
    on.rest()
    delivery.send_due(on.at("post.before", lambda: delivery.send_due(on.services)))
    on.deliver()


def token(on: Scene) -> None:
    """A notifier gets no clear answer and stalls past its lease; another sends the alert; then the first continues."""
    on.post((*STEADY, JUMP), "one")
    on.rest()
    on.slack.answers.append(("500 after accepting", Answer(Outcome.AMBIGUOUS, "500")))

    def meanwhile() -> None:
        on.pass_seconds(LEASE_MS / 1000)
        on.deliver()

    delivery.send_due(on.at("post.after", meanwhile))
    on.deliver()


def _die() -> None:
    raise Died


@dataclass(frozen=True, slots=True)
class Ablation:
    """A safeguard, its scene, and the passage that is cut from a script to switch it off."""

    safeguard: str
    play: Callable[[Scene], None]
    passages: Mapping[str, Passage] = field(default_factory=dict)


ABLATIONS: Final[Mapping[str, Ablation]] = {
    "idempotency": Ablation("The answer kept under the Idempotency-Key", idempotency),
    "fence": Ablation(
        "The cursor that a commit must find",
        fence,
        {"commit": Passage(f"{CURSOR}\n{VERSION.format(-1)}\n{ARRIVAL}", VERSION.format(-1))},
    ),
    "version": Ablation(
        "The version that a commit of totals must find",
        version,
        {"commit": Passage(VERSION.format(-1))},
    ),
    "combining": Ablation(
        "The version that combined totals must find",
        combining,
        {"combine": Passage(VERSION.format(0))},
    ),
    "hints": Ablation(
        "The score that a settled hint must still have",
        hints,
        {"settle_changes": Passage("if redis.call('ZSCORE', keys.changed, hint.name) == hint.score", "if true")},
    ),
    "sweep": Ablation("The sweep for work without a job", lost_job),
    "lease": Ablation(
        "The lease on a destination and its alerts",
        lease,
        {
            "claim_alerts": Passage("set_due(keys, id, args.destination, at + args.lease_ms)", ""),
            "acquire_destination": Passage(", tonumber(fields[4]) or 0)", ", 0)"),
        },
    ),
    "token": Ablation(
        "The token that an outcome must carry",
        token,
        {"record_attempts": Passage("if redis.call('HGET', key, 'token') == args.token then", "if true then")},
    ),
}


def play(url: str, name: str, *, cut: bool) -> Findings:
    """Play one scene, with its safeguard or without, and return the findings of the oracle."""
    ablation = ABLATIONS[name]
    on = scene(url, ablation.passages, cut=cut)
    ablation.play(on)
    return on.findings()


def table(url: str, names: list[str]) -> Iterator[tuple[str, bool]]:
    """Play the named scenes both ways; yields lines, and for each whether it is as it should be."""
    yield f"{'Safeguard':<48}{'on':>4}  off", True
    for name in names:
        kept, lost = (play(url, name, cut=cut) for cut in (False, True))
        found = [f"{check}: {len(lost.wrong[check])}" for check in CHECKS if lost.wrong[check]]
        wrong = sum(map(len, kept.wrong.values()))
        yield f"{ABLATIONS[name].safeguard:<48}{wrong:>4}  {', '.join(found) or 'nothing'}", bool(found) and not wrong
        yield from ((f"  {text}", False) for texts in kept.wrong.values() for text in texts)
