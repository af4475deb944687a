"""The states of detectors by series."""

from kumo.domain.detectors import DETECTORS
from kumo.services import Services
from kumo.store import states


def test_states_of_detectors_have_names_of_their_own_and_missing_ones_are_left_out(services: Services) -> None:
    names = [states.name(detector, "s") for detector in DETECTORS]
    assert len({*names}) == len(DETECTORS)
    partition = services.store.partitions[0]
    services.store.client.hset(partition.states, names[0], b"learned")
    assert states.read(services.store, partition, ["s"], names) == ({}, {names[0]: b"learned"})
    assert states.read(services.store, partition, ["s"], []) == ({}, {})
