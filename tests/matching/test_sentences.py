"""Room matching/identity. Every reason is told in both languages of the report, with the same names and codes."""

from __future__ import annotations

import re

from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.matching.identity.item_proposals import propose_items
from scoro_smartaccounts.matching.identity.partner_proposals import propose_partners
from scoro_smartaccounts.matching.identity.proposals import Evidence, EvidenceKind
from scoro_smartaccounts.reconcile_ids.words import details_et, reasons_en, reasons_et
from tests.matching.labelled import labelled_parties
from tests.matching.products import labelled_items

SEED = 1
# What is said in English alone: names and codes of the records may hold any of these letters, but not these words.
ENGLISH = re.compile(r"\b(same|similar|which|others|the|may be|in Scoro|of Scoro|in SmartAccounts|differ)\b")


def _reasons() -> list[Evidence]:
    parties = labelled_parties(SEED)
    sources = [record.party for record in parties.sources]
    remotes = [record.party for record in parties.remotes]
    # One of ours, by its comment; the same in two countries.
    sources += [
        PartnerRecord(id="s0", name="Märgitud OÜ", country="EE"),
        PartnerRecord(id="s00", name="Maade OÜ", country="EE", email="a@maade.ee"),
    ]
    remotes += [
        PartnerRecord(id="r0", name="Märgitud OÜ", marked_id="s0"),
        PartnerRecord(id="r00", name="Maade OÜ", country="LV", email="a@maade.ee"),
    ]
    found = [*propose_partners(sources, remotes), *propose_items(*labelled_items(SEED)[:2])]
    return [reason for proposal in found for reason in proposal.evidence]


def test_every_reason_is_told_in_both_languages() -> None:
    reasons = _reasons()
    # Nearly all kinds there are, and whatever is missing cannot hide a language.
    assert EvidenceKind.RARE_WORD in {reason.kind for reason in reasons}
    assert len({reason.kind for reason in reasons}) >= len(EvidenceKind) - 2
    for reason in reasons:
        english, estonian = render(reason.words), render(reason.words, "et")
        assert not ENGLISH.search(estonian), estonian
        assert english != estonian
        assert sorted(re.findall(r"\d+", english)) == sorted(re.findall(r"\d+", estonian))


def test_what_may_stand_anywhere_is_told_in_both_languages() -> None:
    for kind in EvidenceKind:
        stored = [{"kind": kind.value, "detail": "x"}]
        assert reasons_en(stored) != reasons_et(stored)
        # What was stored before sentences had two languages.
        assert details_et(stored) == reasons_et(stored)
