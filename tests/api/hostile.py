"""A thousand texts that break what does not expect them, each of 1 to 200 characters of valid Unicode."""

import random
from typing import Final

COUNT: Final = 1000

_SLACK: Final = [
    *("<!channel>", "<!here|x>", "<!everyone>", "<@U012AB3CD>", "<#C024BE7LR>", "<!subteam^S1>", "<!date^1^{date}|x>"),
    *(
        "<https://evil.example|Open the entry>",
        "*bold* _it_ ~no~ `code`",
        "```\nblock\n```",
        "> quote",
        ":rotating_light:",
    ),
    *(
        "&lt;!channel&gt;",
        "&amp;lt;",
        '<!channel> & "quotes"',
        "@channel",
        "mailto:a@b.c",
        "https://evil.example/?a=<b>",
    ),
]
_HTML: Final = [
    *(
        "<script>alert(1)</script>",
        "</title><img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "javascript:alert(1)",
    ),
    *(
        "\"><b x='",
        "<!--",
        "]]>",
        "{{7*7}}",
        "${7*7}",
        "<%= 7 %>",
        "#{7}",
        "{% debug %}",
        "&#x3c;b&#62;",
        "\\u003cb\\u003e",
    ),
]
_SQL: Final = [
    *("'; DROP TABLE costs; --", "' OR '1'='1", '" OR ""="', "1; SELECT pg_sleep(9)", "%' ESCAPE '", "\\'; --"),
    *(
        "*",
        "?",
        "[a-z]",
        "kumo:{7}:seq",
        "{7}",
        "}{",
        "\r\nFLUSHALL\r\n",
        "*1\r\n$4\r\nPING\r\n",
        "return redis.call('KEYS','*')",
    ),
]
_FORMATS: Final = [
    *(
        "%s%s%s%n",
        "%(name)s",
        "{0.__class__}",
        "{}",
        "%00",
        "%2e%2e%2f",
        "../../etc/passwd",
        "\\\\host\\share",
        "C:\\x",
    ),
    *(
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "|calc",
        "NaN",
        "null",
        "None",
        "undefined",
        "true",
        "0",
        "-0",
        "1e309",
        "[]",
        "{}",
    ),
    *(
        '{"a": 1}',
        "'",
        '"',
        "\\",
        "/",
        "~1",
        "~0",
        "a=b&c=d",
        "a+b c%20d",
        "#",
        "a#b?c",
        ";",
        ",",
        "wait=5",
        "$(id)",
        "`id`",
    ),
]
_UNICODE: Final = [
    *("\u202eevil\u202c", "\u200f\u200e", "\u2066x\u2069", "\ufeff", "\u200b", "\u2028", "\u2029", "\x85", "\u00ad"),
    *("e\u0301", "\u00e9", "\u1e9b\u0323", "\ufb01", "\u0130", "\u0131", "\u00df", "\u1e9e", "\u03c2\u03a3", "\u212a"),
    *("\U0001f4a5", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1fa\U0001f1f8", "\u2764\ufe0f", "\U0010ffff"),
    *(
        "\ufffd",
        "\uffff",
        "\ufffe",
        "\ue000",
        "\U00020000",
        "\u0627\u0644\u0639",
        "\u05e9\u05dc",
        "\u65e5\u672c",
        "\u0915\u094d",
    ),
    *(
        "Z\u0351\u036b\u0343",
        "\uff1cscript\uff1e",
        "\u2039b\u203a",
        "\u0661\u0662",
        "\uff11",
        "\u3164",
        "\u115f",
        "\u061c",
    ),
]
_SPACES: Final = [" ", "  ", " x", "x ", "\t", "\n", "\r\n", "\x0b\x0c", "\u00a0", "\u3000", "a\nb", "a\tb"]
_CONTROLS: Final = [chr(code) for code in (*range(32), *range(127, 160))]
KNOWN: Final = [*_SLACK, *_HTML, *_SQL, *_FORMATS, *_UNICODE, *_SPACES, *_CONTROLS]
LONG: Final = [
    (piece * 200)[:200] for piece in ("x", "<", "&", "\U0001f4a5", "\u202e", "\x00", "<!channel>", "e\u0301", '"', "\\")
]


def texts() -> list[str]:
    """Return the known ones, the longest that are allowed, and mixtures of them: always the same, all different."""
    chance = random.Random(1)
    found = dict.fromkeys([*KNOWN, *LONG])
    while len(found) < COUNT:
        pieces = chance.choices(KNOWN, k=chance.randint(2, 6))
        found["".join(pieces)[: chance.choice([10, 50, 200])]] = None
    return list(found)
