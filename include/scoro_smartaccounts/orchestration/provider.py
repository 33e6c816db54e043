"""What Airflow reads through the entry point `apache_airflow_provider`: the two connection types.

Airflow imports this module in every process; it must stay without imports of its own.
"""

from __future__ import annotations

from typing import Any


def provider_info() -> dict[str, Any]:
    """Return the description of this package as an Airflow provider, in Airflow's own keys."""
    hooks = "scoro_smartaccounts.orchestration.hooks"
    return {
        "package-name": "scoro-smartaccounts",
        "name": "Scoro and SmartAccounts",
        "description": "Carries accounting documents between Scoro and SmartAccounts.",
        "connection-types": [
            {
                "connection-type": "scoro",
                "hook-class-name": f"{hooks}.ScoroHook",
                "hook-name": "Scoro",
                "ui-field-behaviour": {
                    "hidden-fields": ["schema", "port", "extra"],
                    "relabeling": {
                        "host": "Address of the site",
                        "login": "Company account id",
                        "password": "API key",
                    },
                    "placeholders": {
                        "host": "https://example.scoro.com",
                        "login": "shown beside the API key in Scoro: Admin > Integrations > API",
                        "password": "from Scoro: Admin > Integrations > API",
                    },
                },
            },
            {
                "connection-type": "smartaccounts",
                "hook-class-name": f"{hooks}.SmartAccountsHook",
                "hook-name": "SmartAccounts",
                "ui-field-behaviour": {
                    "hidden-fields": ["schema", "port", "extra"],
                    "relabeling": {
                        "host": "Address of the API",
                        "login": "Public key",
                        "password": "Secret key",
                    },
                    "placeholders": {
                        "host": "https://sa.smartaccounts.eu/en/api/",
                        "login": "from SmartAccounts: Settings > Connected services",
                        "password": "from SmartAccounts: Settings > Connected services",
                    },
                },
            },
        ],
    }
