"""One partner as it is compared: read once, then held against many."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.codes import country_of_vat, is_personal, read_codes, read_iban, written_codes
from scoro_smartaccounts.matching.identity.addresses import Place, read_place
from scoro_smartaccounts.matching.identity.emails import domain_of, read_emails
from scoro_smartaccounts.matching.identity.names import Name, read_name

if TYPE_CHECKING:
    from scoro_smartaccounts.common.records import PartnerRecord

# Forms that are no one's last name.
_PLAINLY_A_COMPANY = re.compile(
    r"(?<!\w)(?:OÜ|oü|Oü|AS|MTÜ|SIA|UAB|Oy|OY|Oyj|GmbH|GMBH|Ltd|LTD|LLC|Inc)(?!\w)"
    r"|(?i:osaühing|aktsiaselts|ühistu|ühing|sihtasutus|aktiebolag|osakeyhtiö)"
)
# Forms that are a natural person in business.
_PERSONAL_FORMS = frozenset({"FIE"})


@dataclass(frozen=True, slots=True)
class Profile:
    """What is valid of a partner: codes, account and addresses are empty where they prove nothing.

    `register`: the country whose registry code it is; `is_told` where more than its check digit says so. `mistyped`: a
    registry code that fails its check. `written_vat`: the VAT number as it stands, right or not. `is_person` is None
    where nothing tells.
    """

    id: str
    marked_id: str
    name: Name
    is_person: bool | None
    registry_code: str = field(repr=False)
    register: str
    is_told: bool
    mistyped: str = field(repr=False)
    vat_number: str = field(repr=False)
    bank_account: str = field(repr=False)
    emails: frozenset[str] = field(repr=False)
    domains: frozenset[str] = field(repr=False)
    place: Place = field(repr=False)
    written_vat: str = field(repr=False)
    country: str = ""

    @property
    def written_code(self) -> str:
        """The registry code as it stands, right or not."""
        return self.registry_code or self.mistyped

    @property
    def writings(self) -> frozenset[str]:
        """All codes as they stand."""
        return frozenset(filter(None, (self.written_code, self.written_vat)))

    @property
    def is_private(self) -> bool:
        """Is it a private person, not one in business?"""
        return self.is_person is True and not self.name.form

    @property
    def is_public(self) -> bool:
        """Is it certainly no private person, nor one in business? Only then its name and codes may stand outside
        protected files."""
        is_named_so = _PLAINLY_A_COMPANY.search(self.name.written) is not None
        return self.is_person is not True and self.is_company and (is_named_so or not self._may_be_called_so)

    @property
    def public_name(self) -> str:
        """The name where it may be shown, else empty: the one rule for sentences, questions, logs and what Airflow
        keeps."""
        return self.name.written if self.is_public else ""

    @property
    def _may_be_called_so(self) -> bool:
        # People are called Sa, Ku and Tu: what looks like a short form may be a last name.
        return bool(self.name.form) or self.name.may_be_person

    @property
    def is_company(self) -> bool:
        """Does anything say that it is a legal person?"""
        form = self.name.form
        return bool(form and form not in _PERSONAL_FORMS) or (
            self.is_person is not True and form not in _PERSONAL_FORMS and bool(self.registry_code)
        )


def profile_of(record: PartnerRecord) -> Profile:
    """Return what is known of one record."""
    country = record.country.strip().upper()
    codes = read_codes(record.registry_code, record.vat_number, country)
    registry_code, vat_number = codes.registry_code, codes.vat_number
    written, written_vat = written_codes(record.registry_code, record.vat_number, country)
    is_person = record.is_person
    if is_person is None and is_personal(record.registry_code, country):
        is_person = True
    name = read_name(record.name, record.city)
    if is_person and not name.form:
        registry_code = ""
    emails = read_emails(record.email)
    return Profile(
        id=record.id,
        marked_id=record.marked_id,
        name=name,
        is_person=is_person,
        registry_code=registry_code,
        register=codes.register,
        is_told=codes.is_told,
        mistyped="" if registry_code or written == vat_number else written,
        vat_number=vat_number,
        bank_account=read_iban(record.bank_account),
        emails=emails,
        domains=frozenset(filter(None, map(domain_of, emails))),
        place=read_place(record.street, record.city),
        written_vat=written_vat,
        country=country or country_of_vat(vat_number),
    )
