"""How a notification reaches people: a mail through Airflow's SMTP notifier, and whatever Apprise speaks to (Slack,
Teams and others) through its provider, where the company file names one. Imported only there."""

from __future__ import annotations

from html import escape
from importlib.util import find_spec

from airflow.sdk import BaseNotifier, Context, conf

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.orchestration.notice_words import Words, told
from scoro_smartaccounts.staging.notices import Notice

_PROVIDER = "airflow.providers.apprise"


def check_channels(company: Company) -> None:
    """Raise ConfigurationError where the company file names a way that is not installed."""
    if company.notifications.apprise and find_spec(_PROVIDER) is None:
        raise ConfigurationError(
            f"{company.name}: notifications.apprise names a connection, and Apprise is not installed: install"
            " apache-airflow-providers-apprise, or take the line out of the company file"
        )


def send(company: Company, of: Notice, context: Context) -> None:
    """Tell everybody whom the company file names. One way that fails does not keep the others from being tried; then
    the last failure is raised."""
    words = told(of, company.notifications.language)
    link = _link(of)
    failure: Exception | None = None
    for notifier in _notifiers(company, words, link):
        try:
            # What is called renders templates first: here every text is ready, and none of them is a template.
            notifier.notify(context)
        except Exception as problem:  # noqa: BLE001 - raised below
            failure = problem
    if failure is not None:
        raise failure


def _notifiers(company: Company, words: Words, link: str) -> list[BaseNotifier]:
    found: list[BaseNotifier] = []
    policy = company.notifications
    heading = f"{company.name}: {words.heading}"
    if policy.to:
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        content = f'<p>{escape(words.text)}</p><p><a href="{escape(link)}">{escape(link)}</a></p>'
        found.append(SmtpNotifier(to=list(policy.to), subject=heading, html_content=content))
    if policy.apprise:
        from airflow.providers.apprise.notifications.apprise import AppriseNotifier

        body = f"{words.text}\n{link}"
        found.append(AppriseNotifier(title=heading, body=body, apprise_conn_id=policy.apprise))
    return found


def _link(of: Notice) -> str:
    return f"{str(conf.get('api', 'base_url', fallback='') or '').rstrip('/')}{of.path}"
