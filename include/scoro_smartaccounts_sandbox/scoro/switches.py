"""What the public material leaves open about Scoro, as switches with the assumed answer as default."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Switches:
    """One behaviour of a Scoro site. Frozen; ``changed`` gives a copy."""

    # Lists
    default_per_page: int = 50
    page_cap: int = 100
    detailed_cap: int = 25
    # shuffled_page: right rows on each page, any order within it; unstable: another order at every request.
    sort_order: Literal["id_asc", "id_desc", "modified_desc", "shuffled_page", "unstable"] = "id_asc"
    # Range filter on plain dates (date, deadline...). to_exclusive leaves the to_date itself out; by_created
    # compares created_date instead, so late-keyed documents are missing; broken loses every fifth row (by id);
    # empty finds nothing.
    date_filter: Literal["honoured", "to_exclusive", "ignored", "by_created", "broken", "empty"] = "to_exclusive"
    # Range filter on created_date, modified_date, deleted_date; to_date means 00:00:00 of that day.
    datetime_filter: Literal["honoured", "ignored"] = "honoured"
    unknown_filter: Literal["ignored", "error"] = "ignored"
    # The filter is_deleted, as of rows that are shown with include_deleted.
    deleted_filter: Literal["honoured", "ignored", "refused"] = "honoured"
    include_deleted_placement: Literal["either", "top", "request"] = "either"
    deletion_horizon_days: int | None = 30

    # Errors
    status_code_type: Literal["number", "string", "mixed"] = "number"
    validation_http: Literal["ok", "real"] = "ok"
    auth_http: Literal["ok", "real"] = "real"
    not_found_code: Literal[400, 404] = 404
    unknown_module_code: Literal[400, 404] = 404
    unknown_account_code: Literal[400, 403] = 403

    # Limits; 0 switches a window off.
    requests_per_2_seconds: int = 40
    requests_per_day: int = 20_000
    retry_after: bool = True
    # Cloudflare in front: refuses an empty User-Agent and that of Python's urllib.
    cloudflare: bool = False

    # Site settings
    vat_layout: Literal["lines", "document"] = "lines"
    finance_accounts: bool = True
    finance_objects: bool = True
    product_code: bool = True
    line_discount: bool = True
    secondary_quantity: bool = True

    # Documents
    vat_rounding: Literal["per_rate", "per_line"] = "per_rate"
    credit_sign: Literal["negative", "positive"] = "negative"
    credit_shows_in_paid_sum: bool = True
    receivable: Literal["outstanding", "total"] = "outstanding"
    lines_on_modify: Literal["replace", "merge"] = "replace"
    delete_bumps_modified: bool = False
    receipt_bumps_modified: bool = True
    receipts_view: bool = True
    receipt_overpays: Literal["allow", "refuse"] = "allow"
    receipt_of_other_contact: Literal["allow", "refuse"] = "allow"
    receipt_in_other_currency: Literal["allow", "refuse"] = "refuse"
    # A sum of the group that is not the sum of its receipts: refused, or replaced by it.
    receipt_sum_differs: Literal["refuse", "ignored"] = "refuse"
    # What becomes of a document that has receipts when it is deleted.
    delete_received: Literal["allow", "refuse"] = "allow"
    # Whether paid_sum of an invoice holds what it draws from prepayment invoices; its status always does.
    prepayment_in_paid_sum: bool = False
    # What stands in `no` of a bill: the supplier's number, or one that Scoro counts.
    bill_number: Literal["suppliers", "own"] = "suppliers"

    # Wire
    html_entities: bool | Literal["twice"] = False
    float_noise: bool = True
    naive_datetimes: bool = False
    empty_list: Literal["null", "array"] = "null"
    product_tag_form: Literal["string", "comma", "semicolon", "array", "objects"] = "string"
    product_tag_key: Literal["tag", "tags"] = "tag"
    # Whether plain lists show the tags of products; view_only: nor do detailed ones; nowhere: nor does view.
    product_tag_in_list: bool | Literal["view_only", "nowhere"] = True

    def changed(self, changes: Mapping[str, Any]) -> "Switches":
        """Copy with some fields changed. Raises ValueError naming an unknown field or a value not allowed."""
        try:
            return _ADAPTER.validate_python({**asdict(self), **changes})
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}" for problem in error.errors()
            )
            raise ValueError(f"switches: {problems}") from None


_ADAPTER = TypeAdapter(Switches)
