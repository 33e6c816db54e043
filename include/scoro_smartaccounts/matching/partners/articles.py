"""Products of Scoro → articles of SmartAccounts, by link or by code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import Reason, reason
from scoro_smartaccounts.common.records import ItemRecord
from scoro_smartaccounts.matching.identity.item_pairs import are_called_alike
from scoro_smartaccounts.matching.partners.undecided import Undecided, undecided_articles
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, drop_links, linked_remote_ids, read_links
from scoro_smartaccounts.staging.mirror_registers import ArticleRecord, article_records
from scoro_smartaccounts.staging.proposals import rejected_pairs
from scoro_smartaccounts.transform.article import FALLBACK_ID, STOCK, article_code, article_type
from scoro_smartaccounts.transform.invoice import Article

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import ArticlePolicy
    from scoro_smartaccounts.common.documents import Product


@dataclass
class MatchedArticles:
    """`articles`: every product's article, existing or to be created; `missing`: codes to create, with the product
    that describes each; `found`: links to store; `conflicts`: what articles of another type say. Products that
    are in `problems` or `undecided` have no article."""

    articles: dict[str, Article] = field(default_factory=dict)
    missing: dict[str, Product] = field(default_factory=dict)
    found: list[Link] = field(default_factory=list)
    conflicts: dict[str, Reason] = field(default_factory=dict)
    problems: dict[str, DocumentProblem] = field(default_factory=dict)
    undecided: dict[str, Undecided] = field(default_factory=dict)


def match_articles(
    connection: Connection, company: str, products: Mapping[str, Product], policy: ArticlePolicy
) -> MatchedArticles:
    """Return an article's type at SmartAccounts wins over Scoro's tag: it is reported, never overwritten. A product of
    which Scoro shows no tags is told when its article is created: later the article's type stands.

    An equal code links where the names agree (matching/identity), or where another product has the article already:
    products of one code are one article.
    """
    links = read_links(connection, company, Kind.ARTICLE, products)
    codes = {
        source_id: links.get(source_id) or article_code(product, policy) for source_id, product in products.items()
    }
    wanted_codes = {*codes.values(), *(article_code(product, policy) for product in products.values())}
    known = article_records(connection, company, wanted_codes)
    types = {code: article.type for code, article in known.items()}
    dead = [source_id for source_id, code in links.items() if code not in types]
    drop_links(connection, company, Kind.ARTICLE, dead)
    result = MatchedArticles(undecided=undecided_articles(connection, company, policy, products))
    rejected = rejected_pairs(connection, company, Kind.ARTICLE, products)
    had = linked_remote_ids(connection, company, Kind.ARTICLE, types)
    for source_id, product in products.items():
        if source_id in result.undecided:
            continue
        code = article_code(product, policy) if source_id in dead else codes[source_id]
        wanted = article_type(product, policy)
        if code in types:
            actual = types[code]
            if source_id not in links or source_id in dead:
                if (source_id, code) in rejected:
                    result.problems[source_id] = _rejected(source_id, code)
                    continue
                why = _another_thing(source_id, product.name, known[code])
                if product.code and code not in had and why is not None:
                    result.problems[source_id] = why
                    continue
                result.found.append(Link(Kind.ARTICLE, source_id, code, Evidence.ARTICLE_CODE, code))
            if product.shows_tags and (actual == STOCK) != (wanted == STOCK):
                result.conflicts[source_id] = reason("article_type_conflict", code=code, actual=actual, wanted=wanted)
        else:
            first = result.missing.setdefault(code, product)
            actual = article_type(first, policy)
            if (actual == STOCK) != (wanted == STOCK):
                result.conflicts[source_id] = reason(
                    "article_type_conflict.shared_code", first=first.source_id, second=source_id, code=code
                )
            elif not product.shows_tags and not product.is_service:
                result.conflicts[source_id] = reason("article_type_untold", product=source_id, code=code, type=actual)
        result.articles[source_id] = Article(code, actual, product.excludes_discounts)
    return result


def _rejected(source_id: str, code: str) -> DocumentProblem:
    """Return a person said that the article with the product's code is another thing: neither that one nor a new one of
    the same code can be booked on."""
    return DocumentProblem(reason("article_rejected", product=source_id, code=code))


def find_article(connection: Connection, company: str, source_id: str, code: str, name: str) -> Link | None:
    """Return the link of a product to the article of its code that is there now. Raises DocumentProblem where a person
    must decide."""
    article = article_records(connection, company, {code}).get(code)
    if article is None:
        return None
    if (source_id, code) in rejected_pairs(connection, company, Kind.ARTICLE, [source_id]):
        raise _rejected(source_id, code)
    why = _another_thing(source_id, name, article)
    if why is not None and not linked_remote_ids(connection, company, Kind.ARTICLE, [code]):
        raise why
    return Link(Kind.ARTICLE, source_id, code, Evidence.ARTICLE_CODE, code)


def _another_thing(source_id: str, name: str, article: ArticleRecord) -> DocumentProblem | None:
    """Return what is wrong with the article of a product's code, if their names do not agree."""
    ours, theirs = (ItemRecord("", article.code, each) for each in (name, article.description))
    if source_id == FALLBACK_ID or are_called_alike(ours, theirs):
        return None
    return DocumentProblem(
        reason("article_differs", product=source_id, ours=name, code=article.code, theirs=article.description)
    )
