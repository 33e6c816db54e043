"""Records as a broken service would serve them: raw JSON in the place of a value, whatever stands in its books."""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Path = Sequence[str | int]

_IDS = ("id", "contact_id", "product_id", "vat_code_id", "object_id", "code", "vatPc", "name", "invoiceNumber")
_MARK = "\x01{}\x01"


class Spoiled:
    """What is served otherwise, by module (service) and id of the record."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], list[tuple[tuple[str | int, ...], str | None]]] = {}

    def put(self, module: str, record_id: object, path: Path, raw: str | None) -> None:
        """Serve `raw`, which need not be JSON, where `path` leads in the record; None: leave the field out. The empty
        path is the record itself."""
        self._values.setdefault((module, str(record_id)), []).append((tuple(path), raw))

    def mend(self, module: str, record_id: object) -> None:
        """Serve a record as it is."""
        self._values.pop((module, str(record_id)), None)

    def clear(self) -> None:
        """Serve everything as it is."""
        self._values.clear()

    def text(self, module: str, payload: Mapping[str, Any]) -> str:
        """The JSON text of an answer about records of a module."""
        modules = {each for each, _ in self._values}
        if module not in modules:
            return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        raws: list[str] = []
        content = copy.deepcopy(dict(payload))
        for place, key in _records(content):
            record = place[key]
            ids = {str(record[name]) for name in _IDS if name in record}
            for each in ids:
                for path, raw in self._values.get((module, each), ()):
                    self._put(place, key, path, raw, raws)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        for number, raw in enumerate(raws):
            text = text.replace(json.dumps(_MARK.format(number)), raw)
        return text

    @staticmethod
    def _put(place: Any, key: str | int, path: tuple[str | int, ...], raw: str | None, raws: list[str]) -> None:
        for name in path:
            part = place[key]
            is_there = isinstance(part, dict) or (isinstance(part, list) and isinstance(name, int) and name < len(part))
            if not is_there or (name is not path[-1] and isinstance(part, dict) and name not in part):
                # Short rows lack some fields.
                return
            place, key = part, name
        if raw is None:
            if isinstance(place, dict):
                place.pop(key, None)
            else:
                del place[key]
            return
        place[key] = _MARK.format(len(raws))
        raws.append(raw)


def _records(content: dict[str, Any]) -> Iterator[tuple[Any, str | int]]:
    """Where the records of an answer stand: in a list, alone under `data`, or the answer to a write itself."""
    if "invoiceId" in content:
        box = {"": dict(content)}
        yield box, ""
        content.clear()
        content.update(box[""])
    for key, value in list(content.items()):
        if isinstance(value, list):
            yield from ((value, place) for place, each in enumerate(value) if isinstance(each, dict))
        elif key == "data" and isinstance(value, dict):
            yield content, key
