"""Kumo gives the answers that README.md shows: its costs and its commands, in order, on the real stack."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import requests

from tests.billing.samples import FIXTURES
from tests.stack import Stack, eventually, stack

ROOT: Final = Path(__file__).parents[2]
TEXT: Final = (ROOT / "README.md").read_text()
BILL: Final = FIXTURES / "focus" / "focus10_sample_multicloud_1000.csv"
JSON: Final = "'Content-Type: application/json'"
_BLOCK: Final = re.compile(r"^```sh\n((?:JSON|curl).*?)^```", re.DOTALL | re.MULTILINE)
_AMOUNTS: Final = re.compile(r"for amount in ([\d. ]+);")
_MESSAGE: Final = re.compile(r"^   > (.*)$", re.MULTILINE)


def examples() -> Iterator[tuple[str, list[str]]]:
    """Yield each command, and the parts of the answer that is written behind it."""
    for block in _BLOCK.findall(TEXT):
        for example in re.split(r"^(?=curl )", block, flags=re.MULTILINE)[1:]:
            command, *answer = example.partition("\n\n")[0].split("\n# ")
            yield command.replace('"$JSON"', JSON), re.split(r"…|\n(?! )", "\n".join(answer))


def sent(kumo: Stack, command: str) -> str:
    """Send the request of a curl command; return the answer as `curl -i` prints it."""
    options: dict[str, str] = {}
    headers: dict[str, str] = {}
    path = ""
    words = iter(shlex.split(command))
    for word in words:
        if word == "-H":
            name, _, headers[name] = next(words).partition(": ")
        elif word in {"-d", "-F", "-X"}:
            options[word] = next(words)
        else:
            path = word.removeprefix("localhost:8000")
    method = options.get("-X", "POST" if options else "GET")
    bill = {"file": (options["-F"].partition("@")[2], BILL.read_bytes())} if "-F" in options else None
    answer = requests.request(method, kumo.url + path, data=options.get("-d"), files=bill, headers=headers, timeout=15)
    head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
    return f"HTTP/1.1 {answer.status_code} {answer.reason}\n{head}\n{answer.text}"


def says(answer: str, parts: list[str]) -> bool:
    """Return whether the parts appear in an answer in this order, ignoring white space."""
    pattern = ".*".join(re.escape(squeezed(part)) for part in parts)
    return re.search(pattern, squeezed(answer)) is not None


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.fixture
def kumo(redis_url: str) -> Iterator[Stack]:
    """Return Kumo without any setting, after the first alert in five minutes."""
    with stack(redis_url) as running:
        for amount in _AMOUNTS.findall(TEXT)[0].split():
            running.post({"service": "AWS EC2", "amount": float(amount)})
        assert running.post({"service": "AWS EC2", "amount": 500}, Prefer="wait=5").json()["is_anomaly"]
        assert running.slack.wait_for(1)
        eventually(lambda: running.get("/alerts/", state="sent").json())
        yield running


def test_slack_says_what_the_readme_says_it_does(kumo: Stack) -> None:
    told = str(kumo.slack.messages[0].payload).replace("*", "")
    for line in _MESSAGE.findall(TEXT):
        assert line.replace("**", "") in told


def test_kumo_answers_what_the_readme_says_it_does(kumo: Stack) -> None:
    answered = 0
    for command, parts in examples():
        answer = sent(kumo, command)
        assert says(answer, parts), f"{command}\nREADME.md says {'…'.join(parts)}\nKumo says {answer}"
        answered += 1
    assert answered == TEXT.count("\ncurl ") - 1  # the one under a key
