"""The mails themselves, through Airflow's SMTP notifier: imported where the company file names addresses."""

from __future__ import annotations

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


class DriftNotifier(Mail):
    """Mails how many differences a night of the audit told newly, or that it was blind again; else silent."""

    def __init__(self, company: Company) -> None:
        super().__init__(
            to=list(company.notifications.to),
            subject="{{ dag.dag_id }}: the books differ, or cannot be compared",
            html_content="<p>Run <code>{{ run_id | e }}</code> of <code>{{ dag.dag_id }}</code>: NUMBER new"
            " difference(s) between the systems.BLIND The report in the output folder and the log of"
            " <code>write_report</code> say which.</p>",
        )

    def notify(self, context: Context) -> None:
        """Send, if the counts that the task returned name something."""
        counts: dict[str, Any] = context["ti"].xcom_pull(task_ids=context["ti"].task_id) or {}
        if counts.get("new") or counts.get("blind_nights", 0) >= 2:
            is_blind = counts.get("blind_nights", 0) >= 2
            told = " SmartAccounts did not show what it must, for the second night." if is_blind else ""
            content = str(self.html_content).replace("NUMBER", str(counts.get("new", 0)))
            self.html_content = content.replace("BLIND", told)
            super().notify(context)
