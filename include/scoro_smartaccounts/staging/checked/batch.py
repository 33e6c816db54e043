"""The batch of a run in temporary tables: one row a document, one row a line with an amount. Those of payments are
filled in `payments`; what stands beside a document is found in `neighbours`.

Every column that a rule looks at is NULL where the rule does not apply: the document cannot be read, or another
rule speaks about what is missing. No names, no codes of partners and no texts stand here: what the rules are run
on is what their reports may show.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Connection, bindparam, text
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import ARRAY, DATE, NUMERIC

from scoro_smartaccounts.border.record_bounds import storable_json
from scoro_smartaccounts.common.codes import is_reference_number, is_registry_code, is_vat_number, party_key
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import SUPPLIER_VAT_AT_LEAST, SUPPLIER_VAT_PER_LINE
from scoro_smartaccounts.common.reasons import Reason, phrase
from scoro_smartaccounts.common.vat_rates import VAT_RATES
from scoro_smartaccounts.scoro.modules import CONTACTS, PRODUCTS
from scoro_smartaccounts.staging.checked import neighbours, payments
from scoro_smartaccounts.staging.documents import load_partners, unreadable_records
from scoro_smartaccounts.staging.links import BOOKED_DOCUMENTS_SQL, KIND_OF, is_linked_sql
from scoro_smartaccounts.staging.runs import UNFINISHED_SQL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scoro_smartaccounts.common.run import RunRequest

# No currency of today but these is worth more euros, the dearest other one (the pound) less by a fifth: what is above
# was entered the other way round, or with the point in a wrong place.
_HIGHEST_RATE = Decimal("1.5")
_DEAR_CURRENCIES = ("BHD", "KWD", "OMR")

DOCUMENTS = "checked_document"
LINES = "checked_line"

# A document that is in the books is not judged any more.
_BATCH = f"""
create temporary table checked_batch as
select d.*, r.reason
from {UNFINISHED_SQL} r
join document d on d.company = r.company and d.flow = r.flow and d.source_id = r.source_id
where r.company = :company and r.run_key = :run_key and r.flow = :flow and not d.is_deleted
  and not {is_linked_sql(":kind", "d.company", "d.source_id")}
"""  # noqa: S608 the inserted part is a constant

_UNREADABLE_CONTACTS = """
select b.source_id, b.number, b.partner_id as record_id
from checked_batch b
where b.problem is null and b.partner_id is not null
  and not exists (select from contact c where c.company = :company and c.source_id = b.partner_id)
  and exists (
    select from raw_record w where w.company = :company and w.module = :module and w.source_id = b.partner_id
  )
"""

_UNREADABLE_PRODUCTS = """
select distinct b.source_id, b.number, l.product_id as record_id
from checked_batch b
join document_line l on l.company = b.company and l.flow = b.flow and l.source_id = b.source_id
where b.problem is null and l.product_id is not null and not l.is_heading
  and not exists (select from product p where p.company = :company and p.source_id = l.product_id)
  and exists (
    select from raw_record w where w.company = :company and w.module = :module and w.source_id = l.product_id
  )
"""

_REFERENCES = "select source_id, reference_number from checked_batch where reference_number <> ''"

_PARTNERS = """
select c.source_id, c.registry_code, c.vat_number, c.country
from contact c
where c.company = :company and (c.registry_code <> '' or c.vat_number <> '')
  and c.source_id in (select partner_id from checked_batch)
"""

_WITHOUT_COUNTRY = """
select c.source_id
from contact c
where c.company = :company and c.country = '' and c.source_id in (select partner_id from checked_batch)
"""

_CODED = """
select c.source_id, c.registry_code, c.vat_number, c.country, c.is_person
from contact c
where c.company = :company and (c.registry_code <> '' or c.vat_number <> '')
"""

_KEYED = """
create temporary table checked_partner as
select * from unnest(:ids, :partners) as p(source_id, partner)
"""

# `base_days` are the days of the credited invoices that are staged: VAT follows them.
_BASES = f"""
create temporary table checked_base as
select b.source_id,
  array_agg(base.day) filter (where base.day is not null) as base_days,
  string_agg(c.id, ', ' order by c.id) filter (where base.source_id is null and k.source_id is null)
    as unknown_base_ids
from checked_batch b
cross join lateral jsonb_array_elements_text(b.credited_ids) as c(id)
left join document base on base.company = b.company and base.flow = b.flow and base.source_id = c.id
  and not base.is_deleted and not base.is_missing
left join {BOOKED_DOCUMENTS_SQL} k on k.company = b.company and k.kind = :kind and k.source_id = c.id
group by b.source_id
"""  # noqa: S608 the inserted part is a constant

# A percentage counts on the document's day; on a credit invoice on the day of an invoice that it credits, or on any day
# up to its own while none of them is staged. It may be the law's on one of these days, or have ended before, or begin
# later only, or never have been any. Binary noise is none of a percentage.
_LINES = """
create temporary table checked_line as
with priced as (
  select b.source_id, l.position, b.number, b.currency, b.day, b.base_days, b.is_credit,
    case when b.is_credit and b.base_days is not null then b.base_days else array[b.day] end as supply_days,
    b.is_credit and b.base_days is null as may_be_earlier,
    round(l.price, 6) as price, round(l.quantity, 6) as quantity, l.net,
    round(coalesce(l.vat_percent, b.vat_percent), 6) as vat_percent,
    coalesce(l.vat_code, b.vat_code) as vat_code,
    round(l.price, 6) * round(l.quantity, 6) * (100 - round(l.discount, 6)) / 100 as exact_net_of_price,
    case when p.is_stock then round(l.quantity, 6) end as stock_quantity,
    case when p.excludes_discounts then 1 else b.factor end as factor
  from (
    select b.*, coalesce(jsonb_array_length(b.credited_ids) > 0, false) as is_credit, base.base_days,
      (100 - coalesce(b.discount_1, 0)) * (100 - coalesce(b.discount_2, 0)) * (100 - coalesce(b.discount_3, 0))
        / 1000000 as factor
    from checked_batch b
    left join checked_base base on base.source_id = b.source_id
    where b.problem is null
  ) b
  join document_line l on l.company = :company and l.flow = :flow and l.source_id = b.source_id and not l.is_heading
  left join product p on p.company = :company and p.source_id = l.product_id
), rate as (
  select * from unnest(:percents, :vat_codes, :from_days, :to_days) as r(percent, vat_code, from_day, to_day)
)
select source_id, position, number, currency, net, price, quantity, round(exact_net_of_price, 2) as net_of_price,
  abs(net - exact_net_of_price) as price_difference,
  vat_percent, vat_percent is not null as has_vat_percent, coalesce(vat_code, '-') as vat_code,
  is_law or has_ended or begins_later as vat_percent_is_known,
  is_law or has_ended or not begins_later as vat_percent_has_begun, is_law or not has_ended as vat_percent_goes_on,
  begins_on as vat_percent_from, ended_on as vat_percent_until,
  supply_days[1] as supply_day, is_credit, stock_quantity, factor, net * factor as discounted_net
from priced
left join lateral (
  select bool_or(is_law) as is_law, bool_or(has_ended) as has_ended, bool_or(begins_later) as begins_later,
    max(to_day) filter (where has_ended) as ended_on, min(from_day) filter (where begins_later) as begins_on
  from (
    select false as is_law, false as has_ended, false as begins_later, null::date as from_day, null::date as to_day
    union all
    select d.day >= r.from_day and (d.day <= r.to_day or may_be_earlier), d.day > r.to_day, d.day < r.from_day,
      r.from_day, r.to_day
    from rate r
    cross join unnest(supply_days) as d(day)
    where r.percent = vat_percent and (r.vat_code is null or r.vat_code = priced.vat_code)
  ) as judged
) as law on vat_percent is not null and day is not null
"""

# Line nets are whole cents. Without a discount they add up to the document's net exactly. A discount may be
# rounded on each line that it reaches, and once more on the sum. The VAT of a line may be rounded too, and be
# counted from a net that was not rounded yet: half a cent, and the VAT of half a cent. On a bill the VAT is given by
# the supplier, who may round in other ways: a limit further out.
_DOCUMENTS = """
create temporary table checked_document as
with lines as (
  select source_id, sum(discounted_net) as net,
    case when bool_or(factor <> 1) then 0.005 + 0.005 * count(*) filter (where factor <> 1) else 0 end
      as net_tolerance,
    case when bool_and(has_vat_percent) then sum(discounted_net * vat_percent / 100) end as vat,
    sum(0.005 * (1 + vat_percent / 100)) as vat_tolerance,
    case when :vat_is_given then greatest(:vat_at_least, :vat_per_line * count(*))
      else sum(0.005 * (1 + vat_percent / 100)) end as vat_limit,
    count(*) as money_lines
  from checked_line
  group by source_id
)
select b.source_id, 0 as position, b.number, true as readable, null::jsonb as problem,
  b.partner_id is not null as partner_is_named, b.partner_id,
  case when b.partner_id is not null then c.source_id is not null end as partner_is_known,
  not c.is_deleted as partner_is_alive,
  case when not c.is_deleted then trim(c.name) <> '' end as partner_has_name,
  coalesce(twin.uses, 1) as number_uses, twin.ids as same_number_ids,
  twin.of_other_years is null as number_is_of_one_year, twin.of_other_years,
  series.source_id is null as number_is_of_the_vendor,
  double.names is null as is_entered_once, double.names as entered_too,
  b.day,
  case when b.reason = 'in_range' then b.day between :date_from and :date_to end as day_is_in_run,
  b.due_day, b.currency, trim_scale(coalesce(b.currency_rate, 0)) as currency_rate,
  case when b.currency = :base_currency and b.currency_rate > 0 then b.currency_rate end as base_currency_rate,
  case when b.currency <> :base_currency and b.currency ~ '^[A-Z]{3}$' and b.currency_rate > 0
    then b.currency_rate <> 1 end
    as foreign_rate_is_not_one,
  not rate.is_inverse as rate_is_upright,
  case when not rate.is_inverse then rate.is_near end as rate_is_near, trim_scale(rate.usual) as usual_rate,
  rate.is_of_that_year as rate_is_of_that_year,
  case when b.currency <> :base_currency and :base_currency = 'EUR' and not coalesce(rate.is_inverse, false)
    then b.currency_rate <= :highest_rate or b.currency = any(:dear_currencies) end as rate_is_plausible,
  case when first_rate.source_id is not null and not coalesce(rate.is_inverse, false)
    and (:base_currency <> 'EUR' or b.currency_rate <= :highest_rate or b.currency = any(:dear_currencies))
    then false end as rate_has_others_before_it,
  rate.uses as usual_rate_uses, :base_currency as base_currency,
  coalesce(lines.money_lines, 0) as money_lines,
  b.net, round(lines.net, 2) as net_of_lines, abs(b.net - lines.net) as net_difference, lines.net_tolerance,
  b.vat, round(lines.vat, 2) as vat_of_lines, abs(b.vat - lines.vat) as vat_difference, lines.vat_tolerance,
  lines.vat_limit, case when abs(b.vat - lines.vat) <= lines.vat_limit then abs(b.vat - lines.vat) end as vat_cents_off,
  b.net + b.vat as gross, jsonb_array_length(b.credited_ids) > 0 as is_credit,
  case when jsonb_array_length(b.credited_ids) = 0 then b.net + b.vat end as uncredited_gross,
  case when base.source_id is not null then base.unknown_base_ids is null end as base_is_known,
  base.unknown_base_ids,
  credit.left_to_credit, credit.credited, credit.credited_in_all, credit.dismissed,
  credit.is_credited_without_dismissed, credit.base_gross, credit.bases, credit.currencies as base_currencies,
  credit.rates as base_rates, credit.is_of_base_currency, credit.has_base_rate,
  case when credit.source_id is not null then credit.equal_ones is null end as is_credited_once, credit.equal_ones,
  b.source_id <> all(:bad_references) as reference_is_well_formed,
  b.partner_id <> all(:bad_registry_codes) as registry_code_is_well_formed,
  b.partner_id <> all(:bad_vat_numbers) as vat_number_is_well_formed,
  b.partner_id <> all(:unknown_countries) as country_is_known
from checked_batch b
left join lines on lines.source_id = b.source_id
left join checked_twin twin on twin.source_id = b.source_id
left join checked_base base on base.source_id = b.source_id
left join checked_series series on series.source_id = b.source_id
left join checked_double double on double.source_id = b.source_id
left join checked_credit credit on credit.source_id = b.source_id
left join checked_first_rate first_rate on first_rate.source_id = b.source_id
left join checked_rate rate on rate.currency = b.currency and rate.day = b.day and rate.rate = b.currency_rate
left join contact c on c.company = b.company and c.source_id = b.partner_id
where b.problem is null
"""

_UNREADABLE = """
insert into checked_document (source_id, position, number, readable, problem)
select source_id, 0, nullif(number, ''), false, problem from checked_batch where problem is not null
"""


def prepare(session: Connection, request: RunRequest, only: Sequence[str] | None = None) -> int:
    """Put the run's documents that have no outcome (`only` these of them, if given) into the temporary tables of
    `session`; their number."""
    return _PREPARE[request.flow](session, request, only)


def _prepare_invoices(session: Connection, request: RunRequest, only: Sequence[str] | None) -> int:
    company, flow, kind = request.company.key, request.flow.value, KIND_OF[request.flow].value
    session.execute(text(_BATCH), {"company": company, "run_key": request.run_key, "flow": flow, "kind": kind})
    payments.keep_only(session, only)
    size = int(session.scalar(text("select count(*) from checked_batch")) or 0)
    if size == 0:
        return 0
    session.execute(text("analyze checked_batch"))
    _tell_unreadable(session, request)
    session.execute(text(_BASES), {"kind": kind})
    session.execute(text("analyze checked_base"))
    session.execute(_with_rates(request), {"company": company, "flow": flow})
    session.execute(text("analyze checked_line"))
    if request.flow is Flow.PURCHASE_INVOICES:
        _tell_partners(session, company)
    # What is joined from here on has no statistics; nested loops chosen blindly take minutes then. Before, they are
    # what finds the few rows of a day among those of years.
    session.execute(text("set enable_nestloop = off"))
    neighbours.prepare(session, request)
    session.execute(
        text(_DOCUMENTS).bindparams(
            *_malformed(session, company),
            bindparam("date_from", request.date_from, DATE),
            bindparam("date_to", request.date_to, DATE),
            bindparam("base_currency", request.company.base_currency, SqlText),
            bindparam("highest_rate", _HIGHEST_RATE, NUMERIC),
            _texts("dear_currencies", _DEAR_CURRENCIES),
            bindparam("vat_is_given", request.flow is Flow.PURCHASE_INVOICES, Boolean),
            bindparam("vat_at_least", SUPPLIER_VAT_AT_LEAST, NUMERIC),
            bindparam("vat_per_line", SUPPLIER_VAT_PER_LINE, NUMERIC),
        )
    )
    session.execute(text(_UNREADABLE))
    return size


_PREPARE = {
    Flow.SALES_INVOICES: _prepare_invoices,
    Flow.PURCHASE_INVOICES: _prepare_invoices,
    Flow.PAYMENTS: payments.prepare_receipts,
    Flow.EXPORT_PAYMENTS: payments.prepare_export,
}


def _malformed(session: Connection, company: str) -> Iterator[Any]:
    """Yield the documents and contacts whose codes are not well formed, as parameters."""
    references = session.execute(text(_REFERENCES)).all()
    yield _texts(
        "bad_references", (row.source_id for row in references if not is_reference_number(row.reference_number))
    )
    partners = session.execute(text(_PARTNERS), {"company": company}).all()
    yield _texts(
        "bad_registry_codes",
        (row.source_id for row in partners if not is_registry_code(row.registry_code, row.vat_number, row.country)),
    )
    yield _texts(
        "bad_vat_numbers", (row.source_id for row in partners if not is_vat_number(row.vat_number, row.country))
    )
    yield _texts("unknown_countries", _unknown_countries(session, company))


def _tell_unreadable(session: Connection, request: RunRequest) -> None:
    """Documents that name a contact or product which Scoro sent and nobody can read: they cannot be read either."""
    company = request.company.key
    told: dict[str, Reason] = {}
    for module, query in ((CONTACTS, _UNREADABLE_CONTACTS), (PRODUCTS, _UNREADABLE_PRODUCTS)):
        named = session.execute(text(query), {"company": company, "module": module}).all()
        problems = unreadable_records(session, company, module, {row.record_id for row in named})
        for row in named:
            if (problem := problems.get(row.record_id)) is not None:
                document = phrase(request.flow.noun, number=row.number or row.source_id)
                told.setdefault(row.source_id, problem.reason.about(document))
    for source_id, why in told.items():
        session.execute(
            text("update checked_batch set problem = cast(:problem as jsonb) where source_id = :source_id"),
            {"problem": storable_json(why.to_json()), "source_id": source_id},
        )


def ids(session: Connection) -> list[str]:
    """Source ids of the prepared documents."""
    return list(session.scalars(text("select source_id from checked_batch order by source_id")))


def count_rows(session: Connection, table: str) -> int:
    """Count the rows of one of the two tables."""
    return int(session.scalar(text(f"select count(*) from {table}")) or 0)  # noqa: S608 one of two constants


def details(session: Connection, table: str, source_ids: Iterable[str]) -> dict[tuple[str, int], dict[str, Any]]:
    """Rows of one of the two tables by source id and position, of the given documents."""
    statement = text(f"select * from {table} where source_id = any(:ids)")  # noqa: S608 one of two constants
    rows = session.execute(statement.bindparams(_texts("ids", source_ids)))
    return {(row.source_id, row.position): dict(row._mapping) for row in rows}


def _tell_partners(session: Connection, company: str) -> None:
    """Tell what contacts with codes are known by, in `checked_partner`."""
    rows = session.execute(text(_CODED), {"company": company}).all()
    keys = {
        row.source_id: key
        for row in rows
        if (key := party_key("" if row.is_person else row.registry_code, row.vat_number, row.country))
    }
    session.execute(text(_KEYED).bindparams(_texts("ids", keys.keys()), _texts("partners", keys.values())))
    session.execute(text("analyze checked_partner"))


def _unknown_countries(session: Connection, company: str) -> list[str]:
    """Contacts with a country that is none."""
    ids = session.scalars(text(_WITHOUT_COUNTRY), {"company": company}).all()
    return [
        source_id
        for source_id, partner in (load_partners(session, company, ids) if ids else {}).items()
        if partner.address is not None and partner.address.is_country_unknown
    ]


def _with_rates(request: RunRequest) -> Any:
    """Return the percentages of the law, and those that the company file names for one VAT code of Scoro."""
    rates: list[tuple[Decimal, str | None, date, date]] = [
        (rate.percent, None, rate.from_day, rate.to_day) for rate in VAT_RATES
    ]
    company = request.company
    policy = company.purchase_invoices if request.flow is Flow.PURCHASE_INVOICES else company.sales_invoices
    for rule in policy.vat_codes:
        if rule.scoro_code is not None and rule.percent is not None:
            rates.append((rule.percent, rule.scoro_code, rule.from_day or date.min, rule.to_day or date.max))
    percents, vat_codes, from_days, to_days = (list(column) for column in zip(*rates, strict=True))
    return text(_LINES).bindparams(
        bindparam("percents", percents, ARRAY(NUMERIC)),
        bindparam("vat_codes", vat_codes, ARRAY(SqlText)),
        bindparam("from_days", from_days, ARRAY(DATE)),
        bindparam("to_days", to_days, ARRAY(DATE)),
    )


def _texts(name: str, values: Iterable[str]) -> Any:
    return bindparam(name, list(values), ARRAY(SqlText))
