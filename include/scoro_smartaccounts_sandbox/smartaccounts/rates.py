"""Exchange rates: what the bank quotes, what a document was sent with, and what that makes in euros.

Inside, a rate is what the European Central Bank quotes: foreign units for one euro. On the wire it is the same, or the
other way round where the switch `exchange_rate_is_euro_per_foreign` says so.
"""

from datetime import date
from decimal import Decimal

from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.values import cents, rounded

_DECIMALS = 6


def is_quoted(ledger: Ledger, currency: str, day: date) -> bool:
    """Whether the European Central Bank quotes a currency on a day."""
    last = ledger.switches.ecb_until.get(currency)
    return currency in ledger.switches.ecb_rates and not (last and day > date.fromisoformat(last))


def quoted(ledger: Ledger, currency: str) -> Decimal:
    """What the European Central Bank quotes, the euro itself included."""
    return Decimal(1) if currency == "EUR" else Decimal(ledger.switches.ecb_rates[currency])


def other_way_round(ledger: Ledger, rate: Decimal) -> Decimal:
    """A rate of the wire as it is kept inside, and back."""
    return 1 / rate if ledger.switches.exchange_rate_is_euro_per_foreign else rate


def kept(ledger: Ledger, rate: Decimal) -> Decimal:
    """A rate that was sent, with the decimals that are kept of it; one that is nothing then stays as it is."""
    return rounded(rate, ledger.switches.exchange_rate_decimals) or rate


def shown(ledger: Ledger, rate: Decimal) -> Decimal:
    """A rate that was not sent, as the wire has it."""
    return rounded(other_way_round(ledger, rate), _DECIMALS)


def in_euros(record: Record, amount: Decimal) -> Decimal:
    """An amount in the currency of a document, in euros at its rate."""
    return cents(amount / Decimal(record["_rate"]))
