"""The company: what it uses, where, and what each of it costs on a usual day."""

from dataclasses import dataclass
from typing import Final

# What of a cost remains on Saturdays and Sundays: people work less, customers sleep late.
OFFICE: Final = 0.62
SHOP: Final = 0.86
EVEN: Final = 1.0

AWS: Final = "AWS"
GOOGLE: Final = "Google Cloud"
AZURE: Final = "Azure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One series of the company: names, dollars on a usual day, share at weekends, growth a day, spread."""

    provider: str
    account: str
    service: str
    region: str
    dollars: float
    weekend: float = SHOP
    growth: float = 0.0
    spread: float = 0.03
    team: str = "platform"


def _list(provider: str, account: str, team: str, region: str, *costs: tuple[str, float, float, float]) -> list[Usage]:
    return [
        Usage(
            provider=provider,
            account=account,
            team=team,
            region=region,
            service=service,
            dollars=dollars,
            weekend=weekend,
            growth=growth,
        )
        for service, dollars, weekend, growth in costs
    ]


USAGES: Final = (
    *_list(
        *(AWS, "production", "shop", "us-east-1"),
        ("Amazon EC2", 205, SHOP, 0.001),
        ("Amazon RDS", 92, EVEN, 0.0005),
        ("Amazon S3", 37, EVEN, 0.001),
        ("Amazon DynamoDB", 21, SHOP, 0.001),
        ("Amazon ElastiCache", 24, EVEN, 0.0),
        ("Amazon CloudFront", 38, SHOP, 0.001),
        ("AWS Lambda", 13, SHOP, 0.002),
        ("Amazon CloudWatch", 17, SHOP, 0.0005),
        ("Elastic Load Balancing", 11, EVEN, 0.0),
        ("AWS Data Transfer", 22, SHOP, 0.001),
    ),
    *_list(
        *(AWS, "production", "shop", "eu-central-1"),
        ("Amazon EC2", 112, SHOP, 0.001),
        ("Amazon RDS", 48, EVEN, 0.0005),
        ("Amazon S3", 15, EVEN, 0.001),
        ("AWS Lambda", 7, SHOP, 0.002),
        ("Amazon CloudWatch", 8, SHOP, 0.0005),
        ("Elastic Load Balancing", 6, EVEN, 0.0),
    ),
    *_list(
        *(AWS, "staging", "platform", "eu-central-1"),
        ("Amazon EC2", 31, OFFICE, 0.0),
        ("Amazon RDS", 13, EVEN, 0.0),
        ("Amazon S3", 3.5, EVEN, 0.0),
        ("Amazon CloudWatch", 2.5, OFFICE, 0.0),
    ),
    *_list(
        *(AWS, "shared-services", "platform", "eu-central-1"),
        ("Amazon ECR", 5, OFFICE, 0.001),
        ("AWS WAF", 4.5, SHOP, 0.0),
        ("Amazon GuardDuty", 8, EVEN, 0.0005),
        ("AWS Secrets Manager", 1.6, EVEN, 0.0),
        ("Amazon Route 53", 2.4, SHOP, 0.0),
    ),
    *_list(
        *(GOOGLE, "data-platform", "data", "us"),
        ("BigQuery", 58, OFFICE, 0.001),
        ("Cloud Storage", 20, EVEN, 0.001),
        ("Dataflow", 26, OFFICE, 0.0005),
        ("Pub/Sub", 6, SHOP, 0.0005),
    ),
    *_list(
        *(GOOGLE, "data-platform", "data", "europe-west1"),
        ("Compute Engine", 27, OFFICE, 0.0),
        ("Cloud Storage", 7, EVEN, 0.001),
    ),
    *_list(
        *(AZURE, "research", "ml", "westeurope"),
        ("Virtual Machines", 39, OFFICE, 0.0),
        ("Azure Machine Learning", 12, OFFICE, 0.0),
        ("Storage Accounts", 6, EVEN, 0.001),
    ),
)
"""All that is billed once a day."""

ASSISTANT: Final = Usage(
    provider=AWS,
    account="assistant",
    team="ml",
    service="Amazon Bedrock",
    region="us-east-1",
    dollars=6.0,
)
"""Billed call by call, some cents each: the answers of a chat assistant."""

FEES: Final = (
    Usage(provider=AWS, account="shared-services", service="AWS Support", region="", dollars=38, weekend=EVEN),
    Usage(provider=AWS, account="shared-services", service="AWS Marketplace", region="", dollars=24, weekend=EVEN),
)
"""Billed on the first day of each month."""
