"""The table of provider names: short names for all spellings in bills."""

from functools import lru_cache
from typing import Final

# Names are compared in lower case without punctuation.
ALIASES: Final = {
    "aws": "aws",
    "amazon": "aws",
    "amazon aws": "aws",
    "azure": "azure",
    "microsoft": "azure",
    "microsoft azure": "azure",
    "microsoft corporation": "azure",
    "gcp": "gcp",
    "google": "gcp",
    "google cloud": "gcp",
    "google cloud platform": "gcp",
    "google llc": "gcp",
    "oci": "oracle",
    "oracle": "oracle",
    "oracle cloud": "oracle",
    "oracle cloud infrastructure": "oracle",
    "alibaba": "alibaba",
    "alibaba cloud": "alibaba",
    "aliyun": "alibaba",
    "ibm": "ibm",
    "ibm cloud": "ibm",
    "tencent": "tencent",
    "tencent cloud": "tencent",
    "huawei": "huawei",
    "huawei cloud": "huawei",
    "snowflake": "snowflake",
    "databricks": "databricks",
    "k8s": "kubernetes",
    "kubernetes": "kubernetes",
    "opencost": "kubernetes",
}
# AWS invoices through a company for each part of the world: "Amazon Web Services EMEA SARL", "… India Private Limited".
PREFIXES: Final = {"amazon web services": "aws", "microsoft ireland": "azure", "google cloud emea": "gcp"}


@lru_cache(maxsize=1024)
def provider(name: str) -> str:
    """Return the short name of a known provider, and any other name without surrounding space."""
    folded = " ".join("".join(char if char.isalnum() else " " for char in name.casefold()).split())
    if folded in ALIASES:
        return ALIASES[folded]
    return next((short for prefix, short in PREFIXES.items() if folded.startswith(prefix)), name.strip())
