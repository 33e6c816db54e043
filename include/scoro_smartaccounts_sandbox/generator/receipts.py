"""Invented payments of invoices, bills and expenses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from scoro_smartaccounts_sandbox.generator.features import Feature
from scoro_smartaccounts_sandbox.scoro import reference_data
from scoro_smartaccounts_sandbox.scoro.fields import SITE_ZONE, Record
from scoro_smartaccounts_sandbox.scoro.site import Site, gross

_CENT = Decimal("0.01")
_FIVE_CENTS = Decimal("0.05")
_TOO_MUCH = tuple(Decimal(cents) / 100 for cents in (50, 1, 1000))


class Payer:
    """Makes the receipt groups of one company; ``put`` stores them in the order of keying in.

    Everything random comes from ``rng``. Nobody pays after the day before ``latest``.
    """

    def __init__(self, rng: Random, site: Site, features: frozenset[Feature], latest: datetime) -> None:
        self._rng = rng
        self._site = site
        self._features = features
        self._latest = latest
        self._last_day = latest.date() - timedelta(days=1)
        self._groups: list[Record] = []

    def pay(self, module: str, document_ids: Sequence[int], credits: Iterable[tuple[int, int]] = ()) -> None:
        """Pay about two thirds of the documents that are due, in all ways.

        ``credits``: ids of documents and of the negative ones that take something of them back.
        """
        settled = self._settle_credits(module, credits) if Feature.NETTING in self._features else set()
        open_ones = [
            document
            for document in (self._site.records(module)[key] for key in document_ids)
            if document["id"] not in settled and self._left(module, document) > 0
        ]
        pool = self._early_ones(module, open_ones)
        pool = [document for document in pool if self._due(module, document) <= self._last_day]
        foreign = {document["id"] for document in [item for item in pool if item["currency"] != "EUR"][:2]}
        self._in_all_ways(module, [item for item in pool if item["id"] in foreign or self._rng.random() < 0.66])

    def put(self) -> None:
        """Store all groups made so far."""
        for group in sorted(self._groups, key=lambda group: group["created_date"]):
            self._site.put("receipts", group)
        self._groups.clear()

    def _early_ones(self, module: str, documents: list[Record]) -> list[Record]:
        """Pay some documents on the day on which they were made; gives the others."""
        if Feature.EARLY_RECEIPTS not in self._features:
            return documents
        same_day = [
            document
            for document in documents
            if document["created_date"].astimezone(SITE_ZONE).date().isoformat() == document["date"]
            and document["modified_date"] == document["created_date"]
        ]
        early = self._rng.sample(same_day, min(len(same_day), max(1, round(len(documents) * 0.03))))
        for document in early:
            moment = document["created_date"] + timedelta(minutes=self._rng.randint(10, 120))
            day = date.fromisoformat(document["date"])
            if moment <= self._latest:
                self._add(module, [(document, self._left(module, document))], day, moment)
        paid = {document["id"] for document in early}
        return [document for document in documents if document["id"] not in paid]

    def _in_all_ways(self, module: str, pool: list[Record]) -> None:
        """Pay every document of the pool: most whole, some in other ways."""
        count = len(pool)
        whole = self._jointly(module, pool)

        def take(share: float, fits: Callable[[Record], bool]) -> list[Record]:
            fitting = [document for document in whole if fits(document)]
            taken = self._rng.sample(fitting, min(len(fitting), max(1, round(count * share))))
            ids = {document["id"] for document in taken}
            whole[:] = [document for document in whole if document["id"] not in ids]
            return taken

        def left(document: Record) -> Decimal:
            return self._left(module, document)

        def at_euro(document: Record) -> bool:
            return left(document) > 1

        if Feature.CASH in self._features:
            for document in take(0.05, lambda item: item["currency"] == "EUR" and bool(left(item) % _FIVE_CENTS)):
                rounded = (left(document) / _FIVE_CENTS).quantize(Decimal(1), ROUND_HALF_UP) * _FIVE_CENTS
                if rounded:
                    self._one(module, document, rounded, account=reference_data.CASH_ACCOUNT)
        for document in take(0.05, at_euro):
            half = (left(document) / 2).quantize(_CENT, ROUND_HALF_UP)
            self._one(module, document, half)
            self._one(module, document, left(document) - half, later=self._rng.randint(3, 12))
        for document in take(0.04, at_euro):
            self._one(module, document, (left(document) / 2).quantize(_CENT, ROUND_HALF_UP))
        for place, document in enumerate(take(0.03, at_euro)):
            self._one(module, document, left(document) + _TOO_MUCH[place % len(_TOO_MUCH)])
        if Feature.DELETED in self._features:
            # Entered, deleted, and entered again.
            for document in take(0.02, at_euro):
                self._one(module, document, left(document), deleted=True)
                self._one(module, document, left(document))
        for document in whole:
            self._one(module, document, left(document))

    def _jointly(self, module: str, pool: list[Record]) -> list[Record]:
        """Pay some documents of one partner with one group; gives the others."""
        by_partner: dict[tuple[int, str], list[Record]] = {}
        for document in pool:
            by_partner.setdefault((document["company_id"], document["currency"]), []).append(document)
        several = [documents for documents in by_partner.values() if len(documents) > 1]
        paid = set()
        for documents in self._rng.sample(several, min(len(several), max(1, len(pool) // 15))):
            together = documents[: self._rng.choice((2, 2, 3))]
            day = max(self._due(module, document) for document in together)
            self._add(module, [(document, self._left(module, document)) for document in together], day)
            paid |= {document["id"] for document in together}
        return [document for document in pool if document["id"] not in paid]

    def _settle_credits(self, module: str, credits: Iterable[tuple[int, int]]) -> set[int]:
        """Net documents with the negative ones that belong to them, or pay one and refund the other.

        Gives the ids of all that are done with.
        """
        records, settled = self._site.records(module), set[int]()
        for place, (base_id, credit_id) in enumerate(credits):
            base, credit = records[base_id], records[credit_id]
            back = gross(module, credit)
            fits = back < 0 <= gross(module, base) + back and not base.get("prepayment_sum")
            day = max(self._due(module, base), date.fromisoformat(credit["date"]))
            if not fits or base_id in settled or place % 4 == 3 or self._site.received_of(module, base_id):
                continue
            day = min(day, self._last_day)
            if place % 4 == 2:
                self._add(module, [(base, gross(module, base))], day)
                self._add(module, [(credit, back)], day)
            else:
                even = gross(module, base) + back == 0
                account = reference_data.NETTING_ACCOUNT if even else reference_data.BANK_ACCOUNT
                self._add(module, [(base, gross(module, base)), (credit, back)], day, account=account)
            settled |= {base_id, credit_id}
        return settled

    # Groups

    def _one(
        self,
        module: str,
        document: Record,
        amount: Decimal,
        *,
        later: int = 0,
        account: int = reference_data.BANK_ACCOUNT,
        deleted: bool = False,
    ) -> None:
        day = self._due(module, document) + timedelta(days=later)
        if day <= self._last_day:
            self._add(module, [(document, amount)], day, account=account, deleted=deleted)

    def _add(
        self,
        module: str,
        paid: Sequence[tuple[Record, Decimal]],
        day: date,
        moment: datetime | None = None,
        *,
        account: int = reference_data.BANK_ACCOUNT,
        deleted: bool = False,
    ) -> None:
        rng, first = self._rng, paid[0][0]
        if moment is None:
            # Whoever enters a bank's statement does so in the morning, some days later than others.
            keyed = max(document["created_date"] for document, _ in paid) + timedelta(minutes=15)
            entered = datetime.combine(day, time(rng.randint(8, 17), rng.randint(0, 59)), SITE_ZONE)
            moment = min(max(entered + timedelta(days=rng.choice((0, 0, 0, 1, 3))), keyed), self._latest)
        changed = moment
        if rng.random() < 0.1 and not deleted:
            changed = min(moment + timedelta(hours=rng.randint(1, 48)), self._latest)
        receipts = [
            {"date": day.isoformat(), "invoice_id": document["id"], "invoice_no": document["no"], "sum": amount}
            for document, amount in paid
        ]
        self._groups.append(
            {
                "date": day.isoformat(),
                "contact_id": first["company_id"],
                "sum": sum((amount for _, amount in paid), Decimal(0)),
                "currency": first["currency"],
                "sales_doc_type": module,
                "receipt_account_id": account,
                "receipts": receipts,
                "created_date": moment,
                "modified_date": changed,
                "is_deleted": int(deleted),
                "deleted_date": min(moment + timedelta(minutes=30), self._latest) if deleted else None,
            }
        )

    def _left(self, module: str, document: Mapping[str, Any]) -> Decimal:
        drawn: Decimal = document.get("prepayment_sum") or Decimal(0)
        return gross(module, document) - drawn - self._site.paid_of(module, document["id"])

    def _due(self, module: str, document: Mapping[str, Any]) -> date:
        """About the deadline; the same at every call."""
        deadline = date.fromisoformat(document["due_date" if module == "expenses" else "deadline"])
        return max(deadline + timedelta(days=document["id"] * 7 % 11 - 6), date.fromisoformat(document["date"]))
