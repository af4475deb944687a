"""Which files of a folder or a zip belong to one delivery. Pure: it sees names, times and what manifests say.

A manifest says it. Without one, files are parts of one delivery where a writer has marked their folder as complete
(`_SUCCESS`, Spark and Hive), or where their names differ in nothing but a number that counts from 0 or 1 and is written
as BigQuery, Spark and AWS number the parts of one export. Every other file is a delivery of its own: two versions of a
month must not be added up.
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
# What lies beside data and holds none: names that writers of data begin so, and kinds of file that no bill comes in.
_HIDDEN: Final = (".", "_")
_NO_DATA: Final = frozenset(
    {
        *(".crc", ".sql", ".yml", ".yaml", ".md", ".html", ".xml", ".pdf", ".png", ".jpg", ".log", ".md5", ".sha256"),
        *(".py", ".sh", ".lock", ".ini", ".toml"),
    }
)
# Folders of what a provider keeps about its exports, and of what a writer has not finished.
_ASIDE: Final = frozenset({"__MACOSX", "cost_and_usage_data_status", "_temporary"})
# The number of a part: of four digits or more, after the word part, or one of so many. `bill-2.csv` may be a version.
_NUMBER: Final = re.compile(r"\d{4,}|(?<=part)\d+|(?<=part[-_.])\d+|\d+(?=[-_ ]?of[-_ ]?\d)", re.IGNORECASE)
# A folder of one billing period, in which each run of an export may have a folder of its own.
_PERIOD: Final = re.compile(r"\d{6}|\d{8}-\d{8}|\w+=\d{4}-\d{2}(-\d{2})?")
_DATE: Final = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?")


@dataclass(frozen=True, slots=True)
class Listed:
    """A manifest: the keys that it names, the files of those that are there, and the keys of those that are not.

    `export` names what it is a run of, empty where that is not known; `run` orders the runs of one export. `error` says
    what is wrong with its keys, if anything.
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
        """All of its files, the manifest among them."""
        return (self.manifest.place, *self.parts) if self.manifest else self.parts


def is_data(place: Place) -> bool:
    """Tell whether a file may hold data: by its name, and those of the folders around it."""
    aside = any(step.startswith(".") or step in _ASIDE for step in place.parts[:-1])
    return not (aside or place.name.startswith(_HIDDEN) or place.suffix.lower() in _NO_DATA)


def group_files(files: Mapping[Place, int], documents: Mapping[Place, object]) -> list[Bundle]:
    """Return the deliveries among files, given with the time of their last change, as places below one root.

    `documents` holds what the manifests among them say. Of the runs of one export in one period the latest counts; the
    files of the others belong to no delivery. Deliveries come in the order of their names.
    """
    listed = [find_listed(place, document, files) for place, document in documents.items()]
    named = {file for each in listed for file in each.files}
    loose = [place for place in files if is_data(place) and place not in named and place not in documents]
    bundles = [Bundle(each.place, each.files, each) for each in _latest(listed)]
    bundles += [Bundle(parts[0], tuple(parts)) for parts in _group_loose(loose, files)]
    return sorted(bundles, key=lambda bundle: bundle.name)


def find_listed(place: Place, document: object, files: Mapping[Place, int]) -> Listed:
    """Find the files that a manifest names among those that are there; `error` says what is wrong with its names."""
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
    """Yield where a file of a manifest may lie: beside it, else under two steps of its key or more from further up."""
    yield from manifests.places(manifest, key)
    steps = Place(str(key).partition("://")[2] or str(key)).parts
    for folder in list(manifest.parents)[1:]:
        yield from (folder.joinpath(*steps[first:]) for first in range(len(steps) - 1) if steps[first] != "/")


def _latest(listed: Iterable[Listed]) -> Iterator[Listed]:
    """Yield the latest run of each export; what one manifest is kept in two places for is one run."""
    complete_last = sorted(listed, key=lambda each: (not each.error, -len(each.missing), each.run, each.place))
    by_keys = {each.keys: each for each in complete_last}
    runs: dict[str, Listed] = {}
    for number, each in enumerate(sorted(by_keys.values(), key=lambda each: (each.run, each.place))):
        runs[each.export or f"?{number}"] = each
    yield from runs.values()


def _export_of(place: Place, document: object) -> str:
    """Name the export and period that a manifest is a run of: the folder of its period, or what it says itself."""
    for folder in place.parents:
        if _PERIOD.fullmatch(folder.name):
            return str(folder)
    if isinstance(document, Mapping) and isinstance(period := document.get("billingPeriod"), Mapping):
        return f"{document.get('reportName')} {document.get('account')} {period.get('start')}"
    return ""


def _run_of(place: Place, document: object, files: Mapping[Place, int]) -> tuple[str, ...]:
    """Order runs of an export: by the time that the manifest names, by its place, by when it was written.

    Azure says when a run was asked for. AWS keeps the manifest of its latest report in the folder of the period itself,
    and names the folders of other runs by their time.
    """
    info = document.get("runInfo") if isinstance(document, Mapping) else None
    asked = str(info.get("submittedTime") or "") if isinstance(info, Mapping) else ""
    is_top = _PERIOD.fullmatch(place.parent.name) is not None
    timed = place.parent.name if place.parent.name[:8].isdigit() else ""
    return asked, str(int(is_top)), timed, f"{files.get(place, 0):020}"


def _group_loose(loose: Sequence[Place], files: Mapping[Place, int]) -> Iterator[list[Place]]:
    """Yield the parts of each delivery that has no manifest."""
    marked = {marker.parent for marker in files if marker.name in MARKERS}
    by_folder: dict[Place, list[Place]] = defaultdict(list)
    for place in sorted(loose):
        complete = next((folder for folder in place.parents if folder in marked), None)
        by_folder[complete or place.parent].append(place)
    for folder, places in by_folder.items():
        yield from [places] if folder in marked else group_parts(places)


def group_parts(places: Sequence[Place]) -> Iterator[list[Place]]:
    """Yield files of one folder, those together whose names count the parts of one export."""
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
