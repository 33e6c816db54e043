"""Mail about failed runs, new quarantine, differences of the books, and questions that wait for an answer (for
`approval.alert_after_hours` of the company file), through Airflow's SMTP notifier.

Off until the company file names addresses; then the connection `smtp_default` must exist. The mails carry counts
and a link, never a document's content.
"""

from __future__ import annotations

from collections.abc import Callable

from airflow.sdk import Context

from scoro_smartaccounts.common.company import Company

Callbacks = list[Callable[[Context], None]]


def on_failed_run(company: Company) -> Callbacks:
    """Callbacks for a DAG: one mail for each failed run."""
    if not company.notifications.to:
        return []
    from scoro_smartaccounts.orchestration.mails import Mail

    return [
        Mail(
            to=list(company.notifications.to),
            subject="{{ dag.dag_id }}: run {{ run_id }} failed",
            html_content="<p>The run <code>{{ run_id | e }}</code> of <code>{{ dag.dag_id }}</code> failed. "
            "The log of its first failed task says why and who can help; <code>summarize_run</code> names state and"
            " tries. Where that log ends without an error, the process was killed, for want of memory or with its"
            " machine: clear the task.</p>",
        )
    ]


def on_new_quarantine(company: Company) -> Callbacks:
    """Callbacks for the summary task: one mail when the run put documents into quarantine."""
    if not company.notifications.to:
        return []
    from scoro_smartaccounts.orchestration.mails import QuarantineNotifier

    return [QuarantineNotifier(company)]


def on_new_drift(company: Company) -> Callbacks:
    """Callbacks for the report of a night: one mail where something differs newly, or where a second night in a row
    was blind."""
    if not company.notifications.to:
        return []
    from scoro_smartaccounts.orchestration.mails import DriftNotifier

    return [DriftNotifier(company)]


def alert_unanswered(company: Company, context: Context, *, documents: int, hours: int) -> None:
    """Mail that a question has been open for so long; nothing where the company file names no addresses."""
    if not company.notifications.to:
        return
    from scoro_smartaccounts.orchestration.mails import Mail

    Mail(
        to=list(company.notifications.to),
        subject="{{ dag.dag_id }}: documents wait for approval",
        html_content=f"<p>{documents} document(s) have waited for the accountant's answer for {hours} hours. Nothing"
        " is booked without one. Run <code>{{ run_id | e }}</code> of <code>{{ dag.dag_id }}</code> asks, under"
        " Required Actions.</p>",
    )(context)
