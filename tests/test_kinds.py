"""The kinds of values that settings have, at their boundaries."""

from collections.abc import Callable

import pytest

from kumo import kinds


@pytest.mark.parametrize("raw", ["0", "10", "007", "-3"])
def test_a_whole_number_is_read_within_its_limits(raw: str) -> None:
    assert kinds.whole(-3, 10)(raw) == int(raw)


@pytest.mark.parametrize(
    "raw", ["", "-4", "11", "1.0", "1e1", "+1", " 1", "1\n", "1_0", "--1", "0x1", "\u0661", "9" * 5_000]
)
def test_a_number_that_is_not_whole_or_beyond_its_limits_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"^a whole number from -3 to 10$"):
        kinds.whole(-3, 10)(raw)


@pytest.mark.parametrize(("raw", "value"), [("0", 0.0), ("-0.0", 0.0), ("1e3", 1000.0), (".5", 0.5), ("1e-400", 0.0)])
def test_a_number_is_read_in_any_notation(raw: str, value: float) -> None:
    assert kinds.number(lambda found: found >= 0, "")(raw) == value


@pytest.mark.parametrize("raw", ["", "nan", "NaN", "inf", "-inf", "1e400", "1,5", "five", "-1", "0x1"])
def test_a_number_that_is_not_finite_or_not_allowed_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"^at least 0$"):
        kinds.number(lambda found: found >= 0, "at least 0")(raw)


@pytest.mark.parametrize(
    ("parse", "raw", "value"),
    [
        (kinds.choice("repeat", "hold"), "HOLD", "hold"),
        (kinds.redis_url, "", ""),
        (kinds.redis_url, "redis://r", "redis://r"),
        (kinds.redis_url, "redis://:p,w@host:1/0", "redis://:p,w@host:1/0"),
        (kinds.store_urls, "redis://a:1, redis://b:2/0", "redis://a:1,redis://b:2/0"),
        (kinds.store_urls, "redis://a:1", "redis://a:1"),
        (kinds.web_url, "", ""),
        (kinds.web_url, "http://[::1]:9/x", "http://[::1]:9/x"),
        (kinds.host, "::1", "::1"),
        (kinds.hosts, " A.example ,,b:1", ("a.example", "b:1")),
        (kinds.hosts, " , ", ()),
        (kinds.origins, "*, http://localhost:3000", ("*", "http://localhost:3000")),
        (kinds.origins, "", ()),
        (kinds.tag_keys, "team, Team ,env,,TEAM", ("team", "env")),
        (kinds.tag_keys, "none", ()),
        (kinds.tag_keys, "", ()),
        (kinds.tag_keys, ",".join(map(str, range(10))), tuple(map(str, range(10)))),
        (kinds.between(0, 5), "0.5", 0.5),
        (kinds.optional_number(0, 1), "", None),
        (kinds.optional_number(0, 1), "0", 0.0),
        (kinds.auto_or_number(0, 1), "AUTO", None),
        (kinds.auto_or_number(0, 1), "1", 1.0),
        (kinds.read_served_names, "Kumo.Example., [0::1]", ("kumo.example", "::1")),
    ],
)
def test_a_text_is_read_as_its_kind(parse: Callable[[str], object], raw: str, value: object) -> None:
    assert parse(raw) == value


@pytest.mark.parametrize(
    ("parse", "raw"),
    [
        (kinds.choice("repeat", "hold"), ""),
        (kinds.choice("repeat", "hold"), "holding"),
        (kinds.redis_url, "host:6379"),
        (kinds.redis_url, "redis:///0"),
        (kinds.redis_url, "redis://a b"),
        (kinds.redis_url, "redis://host\n"),
        (kinds.redis_url, "redis://a,redis://b"),
        (kinds.store_urls, "redis://a:1,unix:///x"),
        (kinds.store_urls, "redis://a:1/0,redis://b:2/1"),
        (kinds.web_url, "https://"),
        (kinds.web_url, "https://host:99999/"),
        (kinds.web_url, "https://host/a b"),
        (kinds.web_url, "javascript://host"),
        (kinds.web_url, "//host"),
        (kinds.host, ""),
        (kinds.host, "a/b"),
        (kinds.host, "a\n"),
        (kinds.hosts, "https://a"),
        (kinds.hosts, "a/b"),
        (kinds.origins, "http://a/"),
        (kinds.origins, "http://*"),
        (kinds.origins, "null"),
        (kinds.tag_keys, ",".join(map(str, range(11)))),
        (kinds.tag_keys, "k" * 101),
        (kinds.tag_keys, "a\x00b"),
        (kinds.between(0, 5), ""),
        (kinds.optional_number(0, 1), "1.5"),
        (kinds.auto_or_number(0, 1), "2"),
        (kinds.auto_or_number(0, 1), ""),
        (kinds.read_served_names, "a:80"),
        (kinds.read_served_names, "http://a"),
        (kinds.read_served_names, "*"),
    ],
)
def test_a_text_that_is_not_of_its_kind_is_refused_with_what_is_allowed(
    parse: Callable[[str], object], raw: str
) -> None:
    with pytest.raises(ValueError, match=r"^(one of|an? |auto, or a number |host names|origins|at most)"):
        parse(raw)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", ""),
        ("HOST.Example.", "host.example"),
        ("[::1]", "::1"),
        ("0:0::1", "::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("ä" * 80, "ä" * 80),  # longer than a label of a name may be
        ("[host]", "[host]"),
    ],
)
def test_a_host_has_one_spelling(text: str, canonical: str) -> None:
    assert kinds.canonical_host(text) == canonical


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),  # all addresses of the machine
        ("::", False),
        ("", False),
        ("localhost.evil.example", False),
        ("10.0.0.1", False),
        ("127.0.0.1.evil.example", False),
    ],
)
def test_a_loopback_is_reached_from_this_machine_alone(host: str, *, loopback: bool) -> None:
    assert kinds.is_loopback(host) is loopback
