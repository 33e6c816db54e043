"""The simulators. Addresses, keys, envelope, errors, limits, paging."""

from datetime import timedelta

import pytest

from tests.unit.sandbox.scoro_helpers import Poster


def test_company_account_is_listed_without_a_request() -> None:
    scoro = Poster()
    (account,) = scoro.data("companyAccount/list")
    assert account["active_entities"][0]["entity_id"] == "demoou"


def test_no_action_means_list() -> None:
    scoro = Poster()
    scoro.client()
    assert scoro.data("contacts") == scoro.data("contacts/list")


@pytest.mark.parametrize(
    ("keys", "http"),
    [
        ({"apiKey": None}, 401),
        ({"apiKey": "wrong"}, 403),
        ({"company_account_id": "other"}, 403),
        ({"user_token": "wrong"}, 403),
    ],
)
def test_bad_keys_are_refused_with_a_real_status(keys: dict[str, str | None], http: int) -> None:
    response = Poster().post("invoices/list", **keys)
    assert response.status_code == http
    assert response.json()["statusCode"] == http
    assert response.json()["data"] is None


def test_validation_errors_hide_behind_http_200_unless_switched() -> None:
    scoro = Poster()
    response = scoro.post("invoices/view/77")
    assert (response.status_code, response.json()["statusCode"]) == (200, 404)
    scoro = Poster(validation_http="real", not_found_code=400)
    assert scoro.post("invoices/view/77").status_code == 400


@pytest.mark.parametrize("path", ["payments/list", "invoices/approve/1", "invoices/view", "invoices/view/x"])
def test_unknown_addresses_are_errors(path: str) -> None:
    assert Poster().refused(path) in (400, 404)


@pytest.mark.parametrize("module", ["rolesPrices", "search", "timeEntries", "usersLaborCost", "webhooks"])
def test_modules_that_hold_nothing_answer_an_empty_list(module: str) -> None:
    assert Poster().data(f"{module}/list") == []


def test_only_post_is_allowed() -> None:
    assert Poster().http.request("GET", "/api/v2/invoices/list").status_code == 405


def test_malformed_body_is_400() -> None:
    response = Poster().http.post("/api/v2/invoices/list", content=b"{")
    assert response.json()["statusCode"] == 400


def test_bookmarks_want_a_user_token() -> None:
    scoro = Poster()
    assert scoro.refused("bookmarks/list") == 403
    assert scoro.data("bookmarks/list", apiKey=None, user_token=scoro.site.user_token) == []


@pytest.mark.parametrize(
    ("switch", "on_list", "on_delete"), [("number", 200, 200), ("string", "200", "200"), ("mixed", 200, "200")]
)
def test_status_code_type(switch: str, on_list: object, on_delete: object) -> None:
    scoro = Poster(status_code_type=switch)
    company = scoro.client()
    assert scoro.answer("contacts/list")["statusCode"] == on_list
    deleted = scoro.answer(f"contacts/delete/{company}")
    assert deleted["statusCode"] == on_delete
    assert "data" not in deleted


def test_two_second_window() -> None:
    scoro = Poster(requests_per_2_seconds=2)
    first = scoro.post("vatCodes/list")
    assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == ("2", "1")
    assert int(first.headers["x-daily-requests-remaining"]) == int(first.headers["x-daily-requests-limit"]) - 1
    scoro.post("vatCodes/list")
    refused = scoro.post("vatCodes/list")
    assert refused.status_code == refused.json()["statusCode"] == 429
    assert int(refused.headers["Retry-After"]) == int(refused.headers["x-ratelimit-reset"]) == 2
    scoro.clock.advance(timedelta(seconds=2))
    assert scoro.post("vatCodes/list").status_code == 200


def test_daily_quota_lasts_until_midnight_utc() -> None:
    scoro = Poster(requests_per_day=1, retry_after=False)
    scoro.post("vatCodes/list")
    refused = scoro.post("vatCodes/list")
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers
    assert refused.headers["x-daily-requests-reset"] == str(14 * 3600)
    scoro.clock.advance(timedelta(hours=14))
    assert scoro.post("vatCodes/list").status_code == 200


def test_cloudflare_refuses_odd_agents() -> None:
    scoro = Poster(cloudflare=True)
    refused = scoro.http.post("/api/v2/vatCodes/list", headers={"User-Agent": "Python-urllib/3.11"}, json={})
    assert (refused.status_code, refused.text) == (403, "error code: 1010")
    assert scoro.post("vatCodes/list").status_code == 200


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ({}, 50),
        ({"per_page": 500}, 100),
        ({"per_page": 100, "detailed_response": "1"}, 25),
        ({"per_page": 10, "detailed_response": True}, 10),
        ({"page": 0, "per_page": 20}, 20),
        ({"page": 2, "per_page": 100}, 20),
        ({"page": 9}, 0),
    ],
)
def test_page_sizes(asked: dict[str, object], rows: int) -> None:
    scoro = Poster()
    for number in range(120):
        scoro.client(f"Klient {number}")
    assert len(scoro.data("contacts/list", **asked)) == rows


@pytest.mark.parametrize("order", ["id_asc", "id_desc", "shuffled_page"])
def test_stable_orders_page_through_every_row_once(order: str) -> None:
    scoro = Poster(sort_order=order)
    ids = [scoro.client(f"Klient {number}") for number in range(30)]
    pages = [scoro.data("contacts/list", page=page, per_page=10) for page in (1, 2, 3)]
    seen = [row["contact_id"] for page in pages for row in page]
    assert sorted(seen) == ids
    assert (seen == ids) == (order == "id_asc")


def test_unstable_order_can_lose_rows() -> None:
    scoro = Poster(sort_order="unstable")
    ids = {scoro.client(f"Klient {number}") for number in range(60)}
    pages = [scoro.data("contacts/list", page=page, per_page=10) for page in range(1, 7)]
    assert {row["contact_id"] for page in pages for row in page} < ids


def test_switches_name_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="sort_order"):
        Poster(sort_order="alphabetical")
    with pytest.raises(ValueError, match="no_such_switch"):
        Poster(no_such_switch=1)
