"""Which files of a folder or a zip belong to one delivery. Pure: the input is names, times and parsed manifests.

A manifest lists its files. Without one, files are parts of one delivery if a writer has marked their folder as complete
(`_SUCCESS`, Spark and Hive), or if their names differ only in a number that counts from 0 or 1 and is written
as BigQuery, Spark and AWS number the parts of one export. Every other file is a delivery of its own: two versions of a
month must not add up.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath as Place
from typing import Final

from kumo.billing import manifests
from kumo.billing.errors import BillError

MARKERS: Final = frozenset({"_SUCCESS"})
# Files beside data that contain none: names that writers of data begin so, and types of files that no bill has.
_HIDDEN: Final = (".", "_")
_NO_DATA: Final = frozenset(
    {
        *(".crc", ".sql", ".yml", ".yaml", ".md", ".html", ".xml", ".pdf", ".png", ".jpg", ".log", ".md5", ".sha256"),
        *(".py", ".sh", ".lock", ".ini", ".toml"),
    }
)
# Folders of a provider's data about its exports, and of unfinished files of a writer.
_ASIDE: Final = frozenset({"__MACOSX", "cost_and_usage_data_status", "_temporary"})
# The number of a part: four digits or more, after the word part, or with a total. `bill-2.csv` may be a version.
_NUMBER: Final = re.compile(r"\d{4,}|(?<=part)\d+|(?<=part[-_.])\d+|\d+(?=[-_ ]?of[-_ ]?\d)", re.IGNORECASE)
# A folder of one billing period, in which each run of an export may have its own folder.
_PERIOD: Final = re.compile(r"\d{6}|\d{8}-\d{8}|\w+=\d{4}-\d{2}(-\d{2})?")
_DATE: Final = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?")


@dataclass(frozen=True, slots=True)
class Listed:
    """A manifest: its keys, the existing files of those, and the keys of missing files.

    `export` identifies the export, empty if unknown; `run` orders the runs of one export. `error` describes
    a fault of its keys, if any.
    """

    place: Place
    keys: tuple[str, ...]
    files: tuple[Place, ...]
    missing: tuple[str, ...]
    export: str
    run: tuple[str, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one delivery, in order; `name` is the place of its manifest, of its only file, or of its first."""

    name: Place
    parts: tuple[Place, ...]
    manifest: Listed | None = None

    @property
    def files(self) -> tuple[Place, ...]:
        """All of its files, including the manifest."""
        return (self.manifest.place, *self.parts) if self.manifest else self.parts


def is_data(place: Place) -> bool:
    """Return whether a file may contain data, by its name and the names of its folders."""
    aside = any(step.startswith(".") or step in _ASIDE for step in place.parts[:-1])
    return not (aside or place.name.startswith(_HIDDEN) or place.suffix.lower() in _NO_DATA)


def group_files(files: Mapping[Place, int], documents: Mapping[Place, object]) -> list[Bundle]:
    """Return the deliveries among files, given with the time of their last change, as places below one root.

    `documents` has the parsed manifests among them. Of the runs of one export in one period the latest counts; the
    files of the others belong to no delivery. Deliveries are sorted by name.
    """
    listed = [find_listed(place, document, files) for place, document in documents.items()]
    named = {file for each in listed for file in each.files}
    loose = [place for place in files if is_data(place) and place not in named and place not in documents]
    bundles = [Bundle(each.place, each.files, each) for each in _latest(listed)]
    bundles += [Bundle(parts[0], tuple(parts)) for parts in _group_loose(loose, files)]
    return sorted(bundles, key=lambda bundle: bundle.name)


def find_listed(place: Place, document: object, files: Mapping[Place, int]) -> Listed:
    """Return the existing files that a manifest names; `error` describes a fault of its names."""
    keys = manifests.names_in(document)
    names = tuple(map(str, keys))
    export, run = _export_of(place, document), _run_of(place, document, files)
    try:
        found = [
            next((each for each in _candidates(place, key) if each in files), None)
            for key in keys[: manifests.MAX_FILES + 1]
        ]
        manifests.refuse_repeats(keys, [file or Place(name) for file, name in zip(found, names, strict=False)])
    except BillError as error:
        return Listed(place, names, (), (), export, run, error.detail)
    missing = tuple(name for file, name in zip(found, names, strict=False) if file is None)
    return Listed(place, names, tuple(file for file in found if file), missing, export, run)


def _candidates(manifest: Place, key: object) -> Iterator[Place]:
    """Yield possible places of a manifest's file: beside it, else two or more steps of its key below a parent."""
    yield from manifests.places(manifest, key)
    steps = Place(str(key).partition("://")[2] or str(key)).parts
    for folder in list(manifest.parents)[1:]:
        yield from (folder.joinpath(*steps[first:]) for first in range(len(steps) - 1) if steps[first] != "/")


def _latest(listed: Iterable[Listed]) -> Iterator[Listed]:
    """Yield the latest run of each export; copies of one manifest in two places are one run."""
    complete_last = sorted(listed, key=lambda each: (not each.error, -len(each.missing), each.run, each.place))
    by_keys = {each.keys: each for each in complete_last}
    runs: dict[str, Listed] = {}
    for number, each in enumerate(sorted(by_keys.values(), key=lambda each: (each.run, each.place))):
        runs[each.export or f"?{number}"] = each
    yield from runs.values()


def _export_of(place: Place, document: object) -> str:
    """Return the export and period of a manifest: the folder of its period, or its own fields."""
    for folder in place.parents:
        if _PERIOD.fullmatch(folder.name):
            return str(folder)
    if isinstance(document, Mapping) and isinstance(period := document.get("billingPeriod"), Mapping):
        return f"{document.get('reportName')} {document.get('account')} {period.get('start')}"
    return ""


def _run_of(place: Place, document: object, files: Mapping[Place, int]) -> tuple[str, ...]:
    """Return the order of a run of an export: by the manifest's time, by its place, by its time of change.

    Azure writes when a run was requested. AWS stores the manifest of its latest report in the folder of the period,
    and names the folders of other runs by their time.
    """
    info = document.get("runInfo") if isinstance(document, Mapping) else None
    asked = str(info.get("submittedTime") or "") if isinstance(info, Mapping) else ""
    is_top = _PERIOD.fullmatch(place.parent.name) is not None
    timed = place.parent.name if place.parent.name[:8].isdigit() else ""
    return asked, str(int(is_top)), timed, f"{files.get(place, 0):020}"


def _group_loose(loose: Sequence[Place], files: Mapping[Place, int]) -> Iterator[list[Place]]:
    """Yield the parts of each delivery without a manifest."""
    marked = {marker.parent for marker in files if marker.name in MARKERS}
    by_folder: dict[Place, list[Place]] = defaultdict(list)
    for place in sorted(loose):
        complete = next((folder for folder in place.parents if folder in marked), None)
        by_folder[complete or place.parent].append(place)
    for folder, places in by_folder.items():
        yield from [places] if folder in marked else group_parts(places)


def group_parts(places: Sequence[Place]) -> Iterator[list[Place]]:
    """Yield files of one folder, grouped if their names count the parts of one export."""
    families: dict[tuple[Place, str, str], dict[int, Place]] = defaultdict(dict)
    rest = dict.fromkeys(places)
    for place in places:
        for number in _NUMBER.finditer(place.name):
            if not _DATE.fullmatch(number[0]):
                around = place.parent, place.name[: number.start()], place.name[number.end() :]
                families[around].setdefault(int(number[0]), place)
    for members in sorted(families.values(), key=len, reverse=True):
        parts = [members[number] for number in sorted(members) if members[number] in rest]
        if len(parts) == len(members) > 1 and _counts_up(sorted(members)):
            yield parts
            for part in parts:
                del rest[part]
    yield from ([place] for place in rest)


def _counts_up(numbers: Sequence[int]) -> bool:
    return numbers[0] in {0, 1} and numbers[-1] - numbers[0] == len(numbers) - 1
