"""Files attached to records."""

import base64
import mimetypes
from collections.abc import Mapping
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.refusal import basic, refuse_if, too_long, unknown
from scoro_smartaccounts_sandbox.smartaccounts.services import ARTICLES, CLIENTS, PURCHASES, SALES, VENDORS
from scoro_smartaccounts_sandbox.smartaccounts.values import required_text, text

FILES_KEY = "files"
_OWNERS = {
    "CLIENT_INVOICE": SALES,
    "CLIENT": CLIENTS,
    "VENDOR": VENDORS,
    "VENDOR_INVOICE": PURCHASES,
    "ARTICLE": ARTICLES,
}
_NAME_LENGTH = 64
_MOST_BYTES = 10 * 1024 * 1024
_LISTED = ("fileId", "fileName", "description", "mimeType")


def list_files(ledger: Ledger, params: Mapping[str, str]) -> list[Record]:
    """The answer to `files:get`, without contents. Raises Refusal."""
    owner = _owner(params)
    return [{name: file[name] for name in _LISTED} for file in ledger.files.values() if _owner(file) == owner]


def file_details(ledger: Ledger, params: Mapping[str, str]) -> Record:
    """The answer to `files:getDetails`. Raises Refusal."""
    return dict(_find(ledger, params))


def add_file(ledger: Ledger, body: Mapping[str, Any]) -> Record:
    """Attach a file. Raises Refusal."""
    doc_type, doc_id = _owner(body)
    name, content = required_text(body, "fileName"), required_text(body, "fileContent")
    try:
        size = len(base64.b64decode(content, validate=True))
    except ValueError:
        raise basic("VALUE-INVALID", "fileContent is not Base64") from None
    faults = []
    if doc_type not in _OWNERS:
        faults.append(unknown("docType"))
    elif doc_id not in ledger.records[_OWNERS[doc_type]]:
        faults.append(unknown("docId"))
    if len(name) > _NAME_LENGTH:
        faults.append(too_long("fileName"))
    if size > _MOST_BYTES:
        faults.append(("FILE-TOO-LARGE", "The file is too large", "Fail on liiga suur"))
    refuse_if(faults)
    file = {
        "fileId": ledger.new_id(),
        "fileName": ledger.clean(name, "fileName"),
        "description": ledger.clean(text(body, "description"), "description"),
        "docId": doc_id,
        "docType": doc_type,
    }
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    mime_type = text(body, "mimeType")
    ledger.files[file["fileId"]] = {**file, "mimeType": mime_type or guessed, "fileContent": content}
    return file if mime_type else {**file, "mimeType": guessed}


def delete_file(ledger: Ledger, params: Mapping[str, str]) -> None:
    """Remove a file. Raises Refusal."""
    del ledger.files[_find(ledger, params)["fileId"]]


def documents_of(ledger: Ledger, service: str, key: str) -> list[Record]:
    """What `fetchDocuments` shows of a record."""
    return [
        {name: file[name] for name in ("fileName", "description")}
        for file in ledger.files.values()
        if file["docId"] == key and _OWNERS[file["docType"]] == service
    ]


def _owner(fields: Mapping[str, Any]) -> tuple[str, str]:
    return required_text(fields, "docType"), required_text(fields, "docId")


def _find(ledger: Ledger, params: Mapping[str, str]) -> Record:
    owner, file = _owner(params), ledger.files.get(required_text(params, "fileId"))
    if file is None or _owner(file) != owner:
        raise basic("NOT-FOUND", "File by id not found")
    return file
