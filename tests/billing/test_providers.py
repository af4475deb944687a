"""The short names of providers, for all spellings in bills."""

import pytest

from kumo.billing.providers import provider


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("AWS", "aws"),
        ("Amazon-AWS", "aws"),
        ("amazon web services emea sarl", "aws"),
        ("Amazon Web Services, Inc.", "aws"),
        ("Microsoft Ireland Operations Ltd", "azure"),
        ("GOOGLE  cloud", "gcp"),
        ("Google Cloud EMEA Limited", "gcp"),
        ("K8s", "kubernetes"),
        ("", ""),
        (" - ", "-"),
        (" Hetzner Online ", "Hetzner Online"),
        ("awsome", "awsome"),
        ("My Amazon Web Services", "My Amazon Web Services"),
        ("Älibaba", "Älibaba"),
    ],
)
def test_a_provider_that_is_known_has_one_name_and_any_other_keeps_its_own(name: str, short: str) -> None:
    assert provider(name) == short
