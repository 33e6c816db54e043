"""Room page. Addresses of the page and of Airflow's beside it, below whatever path Airflow stands."""

from __future__ import annotations


def test_addresses_stand_below_airflow_s_own() -> None:
    import tests.dags.conftest  # noqa: F401 - Airflow's settings must stand before it is imported
    from scoro_smartaccounts.page.rendering import Place

    place = Place("/air/scoro-smartaccounts", "acme")
    assert place.url("/documents/payments/a b", after="", flow="x") == (
        "/air/scoro-smartaccounts/documents/payments/a%20b?flow=x&company=acme"
    )
    assert Place("/scoro-smartaccounts").url("/") == "/scoro-smartaccounts/"
    assert place.airflow("/") == "/air/"
    key = "import_payments/manual__2026-01-05T00:00:00+00:00"
    run = "/air/dags/import_payments/runs/manual__2026-01-05T00%3A00%3A00%2B00%3A00"
    assert place.run(key) == run
    assert place.run(key, "load_documents") == f"{run}/tasks/load_documents"
    assert place.run("approve_plans__acme/m/sales_invoices", "load_documents") == (
        "/air/dags/approve_plans__acme/runs/m/tasks/load_approved"
    )
    assert place.run("export_payments/m", "load_documents") == "/air/dags/export_payments/runs/m/tasks/send_receipts"
    assert place.run("dismiss") == ""


def test_a_run_of_a_flow_has_an_address_of_its_own() -> None:
    import tests.dags.conftest  # noqa: F401 - Airflow's settings must stand before it is imported
    from scoro_smartaccounts.page.rendering import Place

    place = Place("/scoro-smartaccounts")
    where = "/scoro-smartaccounts/import/run"
    assert place.result("import_payments__acme/manual__1+00:00") == f"{where}?flow=payments&run=manual__1%2B00%3A00"
    assert place.result("export_payments/m") == f"{where}?flow=export_payments&run=m"
    assert place.result("approve_plans__acme/m/payments") == f"{where}?flow=payments&run=m&approved=yes"
    assert [place.result(key) for key in ("approve_plans/m", "audit_books/m", "dismiss", "import_payments/")] == [
        ""
    ] * 4
