"""Every assumption about the two services that no public source proves, in one place.

A real answer that shows otherwise is a change of one line here. `docs/assumptions.md` explains each to its
readers. Facts that are known stand beside the code that uses them.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class VatRounding(StrEnum):
    """How SmartAccounts rounds the VAT of an invoice."""

    PER_ROW = "per_row"
    PER_CODE = "per_code"


# SmartAccounts: the net and the VAT of every row are rounded to cents, half up, and then added.
VAT_ROUNDING = VatRounding.PER_ROW

# SmartAccounts: the most decimals of a row's price that survive.
PRICE_DECIMALS = 6

# SmartAccounts: the most decimals of a row's discount percentage that survive.
DISCOUNT_DECIMALS = 2

# SmartAccounts: `exchangeRate` is quoted as the European Central Bank does: foreign units for one euro.
# Scoro quotes the other way round: euros for one foreign unit.
EXCHANGE_RATE_IS_FOREIGN_PER_EURO = True

# SmartAccounts refuses a request whose timestamp is more than 15 minutes off (documented). A write in doubt is
# therefore dead this long after its timestamp: by the server's own clock, or by ours when it shows none.
STALE_AFTER_BY_SERVER_CLOCK = timedelta(minutes=20)
STALE_AFTER_BY_OWN_CLOCK = timedelta(minutes=35)

# SmartAccounts: requests a minute and in 24 hours per company, counted in sliding windows, refused ones too.
REQUESTS_PER_MINUTE = 60
REQUESTS_PER_DAY = 1000

# SmartAccounts: the key of a refusal has these words, joined by hyphens with or without others, where the date is in a
# locked period. A key without them is a refusal like others.
LOCKED_PERIOD_WORDS = frozenset({"PERIOD", "LOCKED"})

# SmartAccounts: an address part longer than this is refused.
ADDRESS_PART_LENGTH = 64

# SmartAccounts: names and other texts up to so many characters are kept whole.
NAME_LENGTH = 100
TEXT_LENGTH = 255

# Scoro: at most this many rows a page, with and without lines.
SCORO_PAGE_SIZE = 100
SCORO_DETAILED_PAGE_SIZE = 25

# Scoro: a stock product is recognised by this tag, compared trimmed and without regard to case.
STOCK_TAG = "Laoartikkel"

# SmartAccounts: takes the European Central Bank's rate of the document's or payment's day for these currencies; for
# others a rate must be given. Those that left the bank's list have their last day there.
RATED_CURRENCIES = frozenset(
    "AUD BGN BRL CAD CHF CNY CZK DKK GBP HKD HUF IDR ILS INR ISK JPY KRW MXN MYR NOK NZD PHP PLN RON SEK SGD THB TRY"  # noqa: SIM905
    " USD ZAR".split()
)
RATED_UNTIL = {"BGN": date(2025, 12, 31)}

# A payment entered in both systems (by a bank import in one, by hand in the other) is dated at most this far apart.
SAME_PAYMENT_WITHIN_DAYS = 5

# Scoro: a write whose answer was lost shows in its lists within this time, or was never carried out. Nothing proves
# it: Scoro keeps neither a marker nor a timestamp of a receipt.
SCORO_WRITE_SHOWS_WITHIN = timedelta(minutes=15)

# SmartAccounts: a payment may be dated this long before the first imported day and still pay an imported document.
PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT = timedelta(days=31)

# SmartAccounts: the columns of its CSV files of articles, clients and vendors that carry the id of a linked service,
# and what they call Scoro. Another encoding than UTF-8 is that of Estonian Windows.
CSV_SERVICE_COLUMN = "Liidetud teenus"
CSV_SERVICE_ID_COLUMN = "Liidetud teenuse ID"
CSV_SCORO = "SC"
CSV_ENCODING = "cp1257"

# SmartAccounts: where the balances of accounts are asked for, no source tells; these are tried in this order. They may
# be asked once an hour.
BALANCE_SERVICES = ("general/accountbalances", "general/accountbalance", "general/balances")
BALANCES_EVERY = timedelta(minutes=61)

# SmartAccounts: records on a full page of a list.
RECORDS_A_PAGE = 100
