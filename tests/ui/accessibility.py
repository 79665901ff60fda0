"""What must be true of every tab: names for everything that can be pressed, and contrast a person can read.

`axe-core` (MPL-2.0) is not shipped with the studio: where npm can fetch it at test time it has the say; `OWN_CHECK`,
which needs nothing, runs always.
"""

import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = "axe-core@4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
UPSTREAM = {"aria-prohibited-attr", "nested-interactive"}
"""Rules that Gradio's own components break; nothing of ours may."""

OWN_CHECK = """() => {
  const found = [], visible = (e) => e.checkVisibility();
  const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const under = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > .95) return c; } return [255, 255, 255, 1]; };
  for (const e of document.querySelectorAll('.ps button, .ps a, .ps input, .ps select, .ps textarea, .gradio-container button')) {
    if (!visible(e) || e.type === 'hidden' || e.type === 'file') continue;
    const label = e.getAttribute('aria-label') || e.title || (e.labels && e.labels.length && e.labels[0].innerText) || e.innerText || (e.querySelector('img') || {}).alt;
    if (!label || !label.trim()) found.push('no name: ' + e.outerHTML.slice(0, 160));
  }
  for (const e of document.querySelectorAll('.ps img')) if (!e.hasAttribute('alt')) found.push('no alt: ' + e.outerHTML.slice(0, 160));
  for (const e of document.querySelectorAll('.ps *')) {
    if (!visible(e) || e.disabled || e.closest('[disabled], svg, .over') || ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(e), size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const a = light(parse(style.color)), b = light(under(e)), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < (large ? 3 : 4.5)) found.push(`contrast ${ratio.toFixed(2)}: ${e.outerHTML.slice(0, 160)}`);
  }
  return found;
}"""


def axe_source(folder: Path) -> str | None:
    """The script, fetched with npm into `folder`; None where that is not possible."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    try:
        subprocess.run(
            [npm, "pack", AXE, "--silent"], cwd=folder, check=True, capture_output=True, timeout=60
        )
        with tarfile.open(next(folder.glob("axe-core-*.tgz"))) as archive:
            script = archive.extractfile("package/axe.min.js")
            return script.read().decode() if script is not None else None
    except (subprocess.SubprocessError, StopIteration, OSError, KeyError):
        return None


def violations(page: Page, source: str | None) -> list[str]:
    """What is wrong with the page as it stands, by our own check and, where it is there, by axe."""
    found: list[str] = page.evaluate(OWN_CHECK)
    if source is not None:
        page.evaluate(source)
        told: list[dict[str, Any]] = page.evaluate(
            "rules => axe.run(document, {runOnly: rules}).then(r => r.violations)", RULES
        )
        for violation in told:
            if violation["id"] not in UPSTREAM:
                found += [
                    f"{violation['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:200]}"
                    for node in violation["nodes"]
                ]
    return found
