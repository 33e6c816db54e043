"""How a notification reaches people: a mail through Airflow's SMTP notifier, and whatever Apprise speaks to (Slack,
Teams and others) through its provider, where the company file names one. Imported only there."""

from __future__ import annotations

import logging
from html import escape
from importlib.util import find_spec

from airflow.sdk import Context, conf

from scoro_smartaccounts.border.guard import described
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.orchestration.notice_words import told
from scoro_smartaccounts.staging.notices import Notice

log = logging.getLogger(__name__)

_PROVIDER = "airflow.providers.apprise"


def check_channels(company: Company) -> None:
    """Raise ConfigurationError where the company file names a way that is not installed."""
    if company.notifications.apprise and find_spec(_PROVIDER) is None:
        raise ConfigurationError(
            f"{company.name}: notifications.apprise names a connection, and Apprise is not installed: install"
            " apache-airflow-providers-apprise, or take the line out of the company file"
        )


def send(company: Company, of: Notice, context: Context) -> None:
    """Tell everybody whom the company file names, in every way. One that fails does not keep the others from being
    tried, and is told in the log; where none of them works, the last failure is raised: then nobody heard."""
    words = told(of, company.notifications.language)
    heading, link = f"{company.name}: {words.heading}", _link(of)
    policy = company.notifications
    ways = [*([_mail] if policy.to else []), *([_apprise] if policy.apprise else [])]
    failures = []
    for way in ways:
        try:
            way(company, heading, words.text, link, context)
        except Exception as problem:  # noqa: BLE001 - told, or raised below
            log.warning("Nobody heard of it this way: %s", described(problem))
            failures.append(problem)
    if failures and len(failures) == len(ways):
        raise failures[-1]


def _mail(company: Company, heading: str, text: str, link: str, context: Context) -> None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    content = f'<p>{escape(text)}</p><p><a href="{escape(link)}">{escape(link)}</a></p>'
    # Being called, it would take heading and text for templates.
    SmtpNotifier(to=list(company.notifications.to), subject=heading, html_content=content).notify(context)


def _apprise(company: Company, heading: str, text: str, link: str, _: Context) -> None:
    import apprise
    from airflow.providers.apprise.hooks.apprise import AppriseHook

    hook = AppriseHook(str(company.notifications.apprise))
    services = apprise.Apprise()
    hook.set_config_from_conn(hook.get_connection(hook.apprise_conn_id), services)
    # The hook's own way to send does not tell whether anybody took it.
    if not services.notify(title=heading, body=f"{text}\n{link}", tag="all"):
        raise ConfigurationError(f"no service of the connection {hook.apprise_conn_id} took the message")


def _link(of: Notice) -> str:
    return f"{str(conf.get('api', 'base_url', fallback='') or '').rstrip('/')}{of.path}"
