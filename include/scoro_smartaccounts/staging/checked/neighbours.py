"""What stands beside a document of the batch: others of its number, the same paper again, credit invoices of one
invoice, rates of one currency.

Tables: `checked_twin` (numbers), `checked_double` (papers), `checked_series` (numbers in a row), `checked_beside`
(credit invoices of one invoice), `checked_credit`, `checked_first_rate`, by source id; `checked_rate` by currency, day
and rate.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import NUMERIC

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.cases import is_dismissed_sql
from scoro_smartaccounts.staging.links import BOOKED_DOCUMENTS_SQL, KIND_OF

if TYPE_CHECKING:
    from scoro_smartaccounts.common.run import RunRequest

# Rates of a currency are compared within so many days. Farther than a fifth from the usual one is worth a look.
_RATE_DAYS = 45
_FAR = Decimal("1.2")
# How near a rate is to the inverse of the usual one, by the logarithm: 4 %.
_NEARLY_INVERSE = Decimal("0.04")
# Without any of these days, the nearest few of a year tell what a currency is worth: in a year it may move by a half,
# and a rate is told from its inverse where that is farther away.
_RATE_YEAR = 366
_NEAREST = 5
_FAR_IN_A_YEAR = Decimal("1.5")
_NEARLY_INVERSE_IN_A_YEAR = Decimal("0.1")

# With so many others of one number or paper each document is compared, and with so many credit invoices of one invoice:
# with thousands that are all alike, every pair would take hours and gigabytes, and say the same.
_MOST_BESIDE = 100
_MOST_CREDITS = 1000

# So many other documents are named in one sentence; of the rest, how many there are.
_MOST_NAMED = 20


def _named(only: str = "") -> str:
    """Return SQL: the documents `o` of a group as words of the catalogue, in the order of their ids; `only`: which of
    them."""
    having = f"filter (where {only})" if only else ""
    count = f"count(*) {having}"
    return f"""case when {count} > 0 then
      to_jsonb((array_agg(o.named order by o.source_id) {having})[1:{_MOST_NAMED}])
      || case when {count} > {_MOST_NAMED}
        then jsonb_build_array(jsonb_build_object(
          'key', 'more', 'values', jsonb_build_object('count', {count} - {_MOST_NAMED})))
        else '[]' end
    end"""


# Documents as words of the catalogue name them. `is_left`: a person dismissed it as it is now. `is_too_many`: from a
# case that offers this for the one that is too many, so that it stands in no books.
_NAMED = f"""
create temporary view named_document as
select o.*, jsonb_build_object(
    'key', case o.flow when 'sales_invoices' then 'invoice_of_day' else 'bill_of_day' end,
    'values', jsonb_build_object('number', o.number, 'day', to_char(o.day, 'DD.MM.YYYY'), 'id', o.source_id)
  ) as named, {is_dismissed_sql("o")} as is_left,
  {is_dismissed_sql("o", "q.code in ('credited_twice', 'number_not_unique')")} as is_too_many
from document o
"""  # noqa: S608 the inserted parts are constants

# What counts beside a document: one that lives and that nobody dismissed as it is.
_LIVING = """
create temporary view living_document as
select * from named_document where not is_deleted and not is_missing and not is_left
"""

# Documents that share their number with another one of the same year, and with one of other years: small suppliers
# count each year from 1. `same_number` holds the pairs.
_TWINS = f"""
create temporary table checked_twin as
with same_number as ({{pairs}}), twin as (
  select p.source_id as of_id, o.source_id, o.named,
    coalesce(extract(year from b.day) <> extract(year from o.day), false) as is_of_other_year
  from same_number p
  join checked_batch b on b.source_id = p.source_id
  join living_document o on o.company = :company and o.flow = :flow and o.source_id = p.other_id
)
select of_id as source_id, count(*) filter (where not is_of_other_year) + 1 as uses,
  array_to_string(
    (array_agg(source_id order by source_id) filter (where not is_of_other_year))[1:{_MOST_NAMED}]
      || case when count(*) filter (where not is_of_other_year) > {_MOST_NAMED} then array['…'] end, ', '
  ) as ids,
  {_named("is_of_other_year")} as of_other_years
from twin o
group by of_id
"""  # noqa: S608 the inserted parts are constants

_SAME_NUMBER = f"""
  with numbered as (
    select source_id, number, row_number() over (partition by number order by source_id) as place
    from document
    where company = :company and flow = :flow and not is_deleted and not is_missing
      and number in (select number from checked_batch where number <> '')
  )
  select b.source_id, o.source_id as other_id
  from checked_batch b
  join numbered o on o.number = b.number and o.source_id <> b.source_id and o.place <= {_MOST_BESIDE}
"""  # noqa: S608 the inserted part is a constant

# The number is the partner's own. Two contacts with one registry code or VAT number are one partner (checked_partner).
# A bill that cannot be read may be anybody's, where it does not name whose.
_SAME_NUMBER_OF_PARTNER = f"""
  with numbered as (
    select d.source_id, lower(trim(d.number)) as number, coalesce(p.partner, 'contact ' || d.partner_id) as partner,
      d.problem is not null and d.partner_id is null as is_anybodys, d.is_deleted or d.is_missing as is_gone
    from document d
    left join checked_partner p on p.source_id = d.partner_id
    where d.company = :company and d.flow = :flow and trim(d.number) <> ''
      and lower(trim(d.number)) in (select lower(trim(number)) from checked_batch)
  ), living as (
    select *, row_number() over (partition by number, partner, is_anybodys order by source_id) as place
    from numbered
    where not is_gone
  )
  select b.source_id, o.source_id as other_id
  from checked_batch b
  join numbered n on n.source_id = b.source_id
  join living o on o.number = n.number and (o.partner = n.partner or o.is_anybodys) and o.source_id <> n.source_id
    and o.place <= {_MOST_BESIDE}
"""  # noqa: S608 the inserted part is a constant

# The same paper entered twice. Bills: of one vendor, day and total, with numbers that differ in blanks, punctuation and
# leading zeros only. Sales invoices: of one client, day and total with the same lines; they number themselves.
_DOUBLES = f"""
create temporary table checked_double as
with pair as ({{pairs}})
select p.source_id, {_named()} as names
from pair p
join living_document o on o.company = :company and o.flow = :flow and o.source_id = p.other_id
group by p.source_id
"""  # noqa: S608 the inserted parts are constants

_SAME_BILL = f"""
  with spelled as (
    select d.*, p.partner, lower(trim(d.number)) as written, regexp_replace(
        regexp_replace(lower(d.number), '(^|[^0-9])0+([0-9])', '\\1\\2', 'g'), '[^[:alnum:]]', '', 'g'
      ) as spelling
    from document d
    left join checked_partner p on p.source_id = d.partner_id
    where d.company = :company and d.flow = :flow
      and (d.day in (select day from checked_batch) or d.problem is not null)
  ), living as (
    select *, row_number() over (
        partition by spelling, day, currency, net, vat, partner_id, written order by source_id
      ) as place
    from spelled
    where spelling <> '' and not is_deleted and not is_missing
  )
  select b.source_id, o.source_id as other_id
  from checked_batch b
  join spelled mine on mine.source_id = b.source_id
  join living o on o.spelling = mine.spelling and o.source_id <> b.source_id and o.place <= {_MOST_BESIDE}
    and o.written <> mine.written
  where b.net + b.vat <> 0 and coalesce(o.day, b.day) = b.day
    and (o.problem is not null or (o.currency = b.currency and o.net = b.net and o.vat = b.vat and o.day is not null))
    and (o.problem is not null and o.partner_id is null or o.partner_id = b.partner_id or mine.partner = o.partner)
"""  # noqa: S608 the inserted part is a constant

_SAME_INVOICE = f"""
  with living as (
    select *, row_number() over (partition by day, partner_id, currency, net, vat order by source_id) as place
    from document
    where company = :company and flow = :flow and not is_deleted and not is_missing and credited_ids = '[]'
      and day in (select day from checked_batch)
  ), candidate as (
    select b.source_id, o.source_id as other_id
    from checked_batch b
    join living o on o.day = b.day and o.partner_id = b.partner_id
      and o.currency = b.currency and o.net = b.net and o.vat = b.vat and o.source_id <> b.source_id
    where b.net + b.vat <> 0 and b.credited_ids = '[]' and o.number <> b.number and o.place <= {_MOST_BESIDE}
  ), content as (
    select l.source_id, jsonb_agg(jsonb_build_array(
        l.product_id, l.description, round(l.quantity, 6), round(l.price, 6), round(l.discount, 6), l.net,
        round(l.vat_percent, 6), l.vat_code
      ) order by l.position) as lines
    from document_line l
    where l.company = :company and l.flow = :flow
      and l.source_id in (select source_id from candidate union select other_id from candidate)
    group by l.source_id
  )
  select c.source_id, c.other_id
  from candidate c
  join content mine on mine.source_id = c.source_id
  join content others on others.source_id = c.other_id and others.lines = mine.lines
"""  # noqa: S608 the inserted part is a constant

# Sales invoices are numbered by their own company.
_NO_SERIES = "create temporary table checked_series as select source_id from checked_batch where false"

# Bills of other vendors, entered one after another, that are numbered one after another: three and more in a row.
_SERIES = """
create temporary table checked_series as
with numbered as (
  select d.source_id, case when d.number ~ '^[0-9]{1,15}$' then d.number::numeric end as number,
    coalesce(p.partner, 'contact ' || d.partner_id) as partner
  from document d
  left join checked_partner p on p.source_id = d.partner_id
  where d.company = :company and d.flow = :flow and d.source_id ~ '^[0-9]+$'
), step as (
  select source_id, coalesce(number = lag(number) over entered + 1 and partner <> lag(partner) over entered, false)
    as follows
  from numbered window entered as (order by length(source_id), source_id)
), ended as (
  select source_id, follows and lag(follows) over entered as is_third
  from step window entered as (order by length(source_id), source_id)
), member as (
  select source_id, bool_or(is_third) over (
      order by length(source_id), source_id rows between current row and 2 following
    ) as is_in_series
  from ended
)
select source_id from member join checked_batch using (source_id) where is_in_series
"""

# Credit invoices beside what they credit and the other credit invoices of it; sums only where all of that can be read.
# An equal one was there first when it is booked, or else was entered before; one that is booked and cannot be read by
# now may be equal. What was dismissed may stand in the books by hand: an invoice is what is credited all the same, and
# a credit invoice makes a sum of its own. So is an invoice that was deleted in Scoro after it was booked.
_BESIDE = f"""
create temporary table checked_beside as
with credit as (
  select o.*, c.id as base_id,
    row_number() over (partition by c.id order by length(o.source_id), o.source_id) <= {_MOST_CREDITS} as is_counted
  from named_document o
  cross join lateral jsonb_array_elements_text(o.credited_ids) as c(id)
  where o.company = :company and o.flow = :flow and o.credited_ids <> '[]'
    and c.id in (select jsonb_array_elements_text(credited_ids) from checked_batch)
    and not o.is_deleted and not o.is_missing and not o.is_too_many
)
select distinct m.source_id, o.source_id as other_id
from checked_batch b
join credit m on m.source_id = b.source_id
join credit o on o.base_id = m.base_id and (o.is_counted or o.source_id = m.source_id)
where b.problem is null
"""  # noqa: S608 the inserted part is a constant

_CREDITS = f"""
create temporary table checked_credit as
with total as (
  select p.source_id, sum(abs(o.net + o.vat)) filter (where not o.is_left) as credited,
    array_agg(distinct o.currency) filter (where not o.is_left) as currencies,
    sum(abs(o.net + o.vat)) as credited_in_all, array_agg(distinct o.currency) as currencies_in_all,
    {_named("o.is_left")} as dismissed,
    coalesce(bool_or(o.is_left and o.currency = b.currency and abs(o.net) = abs(b.net) and abs(o.vat) = abs(b.vat)),
      false) as equals_dismissed
  from checked_beside p
  join checked_batch b on b.source_id = p.source_id
  join named_document o on o.company = :company and o.flow = :flow and o.source_id = p.other_id
  group by p.source_id
), base as (
  select p.source_id, sum(abs(o.net + o.vat)) as gross, bool_and(o.source_id is not null) as are_staged,
    {_named("o.source_id is not null")} as names,
    array_agg(distinct o.currency) as currencies, array_agg(distinct trim_scale(o.currency_rate)) as rates
  from (
    select distinct p.source_id, c.id as base_id
    from checked_beside p
    join named_document o on o.company = :company and o.flow = :flow and o.source_id = p.other_id and not o.is_left
    cross join lateral jsonb_array_elements_text(o.credited_ids) as c(id)
  ) p
  left join (
    named_document o
    left join {BOOKED_DOCUMENTS_SQL} k on k.company = o.company and k.kind = :kind and k.source_id = o.source_id
  ) on o.company = :company and o.flow = :flow and o.source_id = p.base_id and o.problem is null
    and (k.source_id is not null or not o.is_deleted and not o.is_missing)
  group by p.source_id
), equal as (
  select p.source_id, {_named()} as names
  from checked_beside p
  join checked_batch b on b.source_id = p.source_id
  join living_document o on o.company = :company and o.flow = :flow and o.source_id = p.other_id
  left join {BOOKED_DOCUMENTS_SQL} k on k.company = o.company and k.kind = :kind and k.source_id = o.source_id
  where o.source_id <> b.source_id and o.credited_ids @> b.credited_ids and b.credited_ids @> o.credited_ids
    and case
      when o.problem is not null then k.source_id is not null
      else o.currency = b.currency and (abs(o.net), abs(o.vat)) = (abs(b.net), abs(b.vat))
        and (k.source_id is not null or (length(o.source_id), o.source_id) < (length(b.source_id), b.source_id))
    end
  group by p.source_id
)
select b.source_id, total.credited, base.gross as base_gross, base.names as bases, base.currencies, base.rates,
  case when base.are_staged and total.currencies = array[b.currency] and base.currencies = array[b.currency]
    then base.gross - total.credited end as left_to_credit,
  total.credited_in_all, total.dismissed,
  case when base.are_staged and total.currencies_in_all = array[b.currency] and base.currencies = array[b.currency]
    and total.dismissed is not null and total.credited <= base.gross
    then total.credited_in_all <= base.gross and not total.equals_dismissed end as is_credited_without_dismissed,
  case when base.are_staged then base.currencies = array[b.currency] end as is_of_base_currency,
  case when base.are_staged and base.currencies = array[b.currency]
    then base.rates = array[trim_scale(b.currency_rate)] end as has_base_rate,
  equal.names as equal_ones
from checked_batch b
join total on total.source_id = b.source_id
join base on base.source_id = b.source_id
left join equal on equal.source_id = b.source_id
"""  # noqa: S608 the inserted part is a constant

# What other documents of these weeks, or else the nearest of a year, say about the rate of a foreign currency. They are
# told by day and rate, for rates are made once a day; a document does not stand beside itself. The usual rate is the
# median, one that a document has: between a rate and its inverse nothing lies. Where half of them say one thing and
# half another, the half that is against the document counts. Rates of exactly 1 are judged by themselves.
_RATES = """
create temporary table checked_rate as
with own as (
  select distinct currency, day, currency_rate as rate
  from checked_batch
  where problem is null and currency <> :base_currency and currency_rate > 0 and currency_rate <> 1
    and day is not null
), known as (
  select currency, day, currency_rate as rate, count(*) as uses
  from document
  where company = :company and flow in ('sales_invoices', 'purchase_invoices') and problem is null
    and not is_deleted and not is_missing and currency_rate > 0 and currency_rate <> 1
    and currency in (select currency from own)
    and day between (select min(day) from own) - :year and (select max(day) from own) + :year
  group by currency, day, currency_rate
), beside as (
  select own.currency, own.day, own.rate, known.rate as other_rate, distance,
    case when known.day = own.day and known.rate = own.rate then known.uses - 1 else known.uses end as uses,
    min(distance) over same_own as nearest,
    row_number() over (same_own order by distance, known.day, known.rate) as place
  from own
  join known on known.currency = own.currency and known.day between own.day - :year and own.day + :year
    and not (known.day = own.day and known.rate = own.rate and known.uses = 1)
  cross join lateral abs(known.day - own.day) as distance
  window same_own as (partition by own.currency, own.day, own.rate)
), judged as (
  select currency, day, rate, nearest <= :days as is_of_weeks, count(*) as uses,
    percentile_disc(0.5) within group (order by other_rate) as lower,
    percentile_disc(0.5) within group (order by other_rate desc) as upper
  from beside cross join lateral generate_series(1, uses)
  where case when nearest <= :days then distance <= :days else place <= :nearest end
  group by currency, day, rate, nearest
), measured as (
  select judged.*, usual, from_inverse, abs(ln(rate) - ln(usual)) as from_usual
  from judged
  cross join lateral (
    select round(other, 10) as usual, abs(ln(rate) + ln(other)) as from_inverse
    from unnest(array[lower, upper]) as other
    order by from_inverse limit 1
  ) as opposed
)
select currency, day, rate, uses, usual,
  case when is_of_weeks then from_inverse < :nearly and from_usual > 2 * :nearly end as is_inverse,
  case when is_of_weeks then from_usual <= ln(:far) end as is_near,
  case when not is_of_weeks then from_usual <= ln(:far_in_a_year)
    and not (from_inverse < :nearly_in_a_year and from_usual > 2 * :nearly_in_a_year) end as is_of_that_year
from measured
"""

# The first document of each foreign currency of which no other of a year is known but those of the batch: whatever they
# say of each other, the same mistake may be in all of them.
_FIRST_RATES = """
create temporary table checked_first_rate as
select distinct on (b.currency) b.source_id
from checked_batch b
where b.problem is null and b.currency <> :base_currency and b.currency_rate > 0 and b.currency_rate <> 1
  and b.day is not null and not exists (
    select from document o
    where o.company = :company and o.flow in ('sales_invoices', 'purchase_invoices') and o.currency = b.currency
      and o.problem is null and not o.is_deleted and not o.is_missing
      and o.currency_rate > 0 and o.currency_rate <> 1 and o.day between b.day - :year and b.day + :year
      and not (o.flow = :flow and o.source_id in (select source_id from checked_batch))
  )
order by b.currency, b.day, length(b.source_id), b.source_id
"""


def prepare(session: Connection, request: RunRequest) -> None:
    """Fill the tables for the batch that `session` holds."""
    company = request.company
    key = {"company": company.key, "flow": request.flow.value}
    session.execute(text(_NAMED))
    session.execute(text(_LIVING))
    are_bills = request.flow is Flow.PURCHASE_INVOICES
    numbers, papers = (_SAME_NUMBER_OF_PARTNER, _SAME_BILL) if are_bills else (_SAME_NUMBER, _SAME_INVOICE)
    session.execute(text(_TWINS.format(pairs=numbers)), key)
    session.execute(text(_DOUBLES.format(pairs=papers)), key)
    session.execute(text(_SERIES if are_bills else _NO_SERIES), key)
    session.execute(text(_BESIDE), key)
    session.execute(text("analyze checked_beside"))
    # Few, and counted: each is looked up among the documents of years.
    session.execute(text("set enable_nestloop = on"))
    session.execute(text(_CREDITS), {**key, "kind": KIND_OF[request.flow].value})
    session.execute(text("set enable_nestloop = off"))
    session.execute(
        text(_RATES).bindparams(
            bindparam("far", _FAR, NUMERIC),
            bindparam("nearly", _NEARLY_INVERSE, NUMERIC),
            bindparam("far_in_a_year", _FAR_IN_A_YEAR, NUMERIC),
            bindparam("nearly_in_a_year", _NEARLY_INVERSE_IN_A_YEAR, NUMERIC),
        ),
        {
            "company": company.key,
            "base_currency": company.base_currency,
            "days": _RATE_DAYS,
            "year": _RATE_YEAR,
            "nearest": _NEAREST,
        },
    )
    session.execute(text(_FIRST_RATES), {**key, "base_currency": company.base_currency, "year": _RATE_YEAR})
