"""Mail about failed runs, new quarantine and questions that wait for an answer (for `approval.alert_after_hours` of the
company file), through Airflow's SMTP notifier.

Off until the company file names addresses; then the connection `smtp_default` must exist. The mails carry counts
and a link, never a document's content.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException

from scoro_smartaccounts.border.guard import guarded
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.visible import visible


class Mail(SmtpNotifier):
    """A mail whose failure names nobody in the log; its heading is one line, whatever a run is called."""

    @guarded(AirflowException)
    def notify(self, context: Context) -> None:
        """Send it."""
        self.subject = visible(str(self.subject))
        super().notify(context)


Callbacks = list[Callable[[Context], None]]


def on_failed_run(company: Company) -> Callbacks:
    """Callbacks for a DAG: one mail for each failed run."""
    if not company.notifications.to:
        return []
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
    return [QuarantineNotifier(company)] if company.notifications.to else []


class QuarantineNotifier(Mail):
    """Mails how many documents a run newly put into quarantine; silent when there are none."""

    def __init__(self, company: Company) -> None:
        super().__init__(
            to=list(company.notifications.to),
            subject="{{ dag.dag_id }}: documents wait in quarantine",
            html_content="<p>Run <code>{{ run_id | e }}</code> of <code>{{ dag.dag_id }}</code> put NUMBER document(s) "
            "into quarantine. The summary in its log lists the reasons.</p>",
        )

    def notify(self, context: Context) -> None:
        """Send, if the summary that the task returned counts new quarantine."""
        summary: dict[str, Any] | None = context["ti"].xcom_pull(task_ids=context["ti"].task_id)
        if summary and (number := summary.get("quarantined_new")):
            self.html_content = str(self.html_content).replace("NUMBER", str(number))
            super().notify(context)


def alert_unanswered(company: Company, context: Context, *, documents: int, hours: int) -> None:
    """Mail that a question has been open for so long; nothing where the company file names no addresses."""
    if not company.notifications.to:
        return
    Mail(
        to=list(company.notifications.to),
        subject="{{ dag.dag_id }}: documents wait for approval",
        html_content=f"<p>{documents} document(s) have waited for the accountant's answer for {hours} hours. Nothing"
        " is booked without one. Run <code>{{ run_id | e }}</code> of <code>{{ dag.dag_id }}</code> asks, under"
        " Required Actions.</p>",
    )(context)
