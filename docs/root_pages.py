"""A hook of MkDocs: the pages beside the README belong to the site, and links to and from them hold in both places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

PAGES = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages to the root of the site."""
    for name in PAGES:
        files.append(File.generated(config, name, abs_src_path=str(Path(config.docs_dir).parent / name)))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Turn links that hold in the repository into those of the site."""
    if page.file.src_uri in PAGES:
        return markdown.replace("](docs/", "](")
    for name in PAGES:
        markdown = markdown.replace(f"../{name}", name)
    return markdown


def on_post_page(output: str, *, page: Page, **_: Any) -> str:
    """Tell the browser in which language a page is, where its name says so (`accountant.et.md`)."""
    language = Path(page.file.src_uri).stem.partition(".")[2] or "en"
    return output.replace('<html lang="en"', f'<html lang="{language}"', 1)
