"""The studio's look for Gradio's own components; the colours themselves stand in `assets/ui/studio.css`."""

import hashlib

import gradio as gr

from studio.catalog import ASSETS
from studio.ui.markup import join, tag

LOOK = ASSETS / "ui"
FONT = ("var(--ps-font)",)
NEUTRAL = gr.themes.Color(
    "#faf8f4",
    "#f6f3ee",
    "#eee9e1",
    "#d8d0c4",
    "#b3a999",
    "#8b8275",
    "#585046",
    "#3f3a33",
    "#2a2621",
    "#1f1b16",
    "#14110e",
)
PETROL = gr.themes.Color(
    "#eef6f5",
    "#dcebe8",
    "#b9d9d4",
    "#8cc2bb",
    "#56a49b",
    "#23857d",
    "#0b5d5b",
    "#084745",
    "#073a39",
    "#052c2b",
    "#031c1b",
)


def theme() -> gr.themes.Base:
    """Gradio's variables tied to ours, so that light and dark are decided in one place."""
    both = {
        "body_background_fill": "var(--ps-ground)",
        "body_text_color": "var(--ps-ink)",
        "body_text_color_subdued": "var(--ps-soft)",
        "background_fill_primary": "var(--ps-surface)",
        "background_fill_secondary": "var(--ps-sunk)",
        "block_background_fill": "var(--ps-surface)",
        "block_border_color": "var(--ps-line)",
        "border_color_primary": "var(--ps-line)",
        "border_color_accent": "var(--ps-brand)",
        "color_accent_soft": "var(--ps-wash)",
        "block_label_text_color": "var(--ps-ink)",
        "block_title_text_color": "var(--ps-ink)",
        "block_info_text_color": "var(--ps-soft)",
        "input_background_fill": "var(--ps-surface)",
        "input_border_color": "var(--ps-edge)",
        "input_border_color_focus": "var(--ps-brand)",
        "input_placeholder_color": "var(--ps-soft)",
        "button_primary_background_fill": "var(--ps-brand)",
        "button_primary_background_fill_hover": "var(--ps-brand-deep)",
        "button_primary_text_color": "var(--ps-on-brand)",
        "button_primary_border_color": "var(--ps-brand)",
        "button_secondary_background_fill": "var(--ps-surface)",
        "button_secondary_background_fill_hover": "var(--ps-wash)",
        "button_secondary_text_color": "var(--ps-ink)",
        "button_secondary_border_color": "var(--ps-edge)",
        "checkbox_background_color": "var(--ps-surface)",
        "checkbox_background_color_selected": "var(--ps-brand)",
        "checkbox_border_color": "var(--ps-edge)",
        "checkbox_border_color_selected": "var(--ps-brand)",
        "checkbox_label_background_fill": "var(--ps-surface)",
        "checkbox_label_background_fill_hover": "var(--ps-sunk)",
        "checkbox_label_background_fill_selected": "var(--ps-wash)",
        "checkbox_label_text_color": "var(--ps-ink)",
        "checkbox_label_text_color_selected": "var(--ps-ink)",
        "checkbox_label_border_color": "var(--ps-line)",
        "checkbox_label_border_color_selected": "var(--ps-brand)",
        "slider_color": "var(--ps-brand)",
        "error_text_color": "var(--ps-bad)",
        "link_text_color": "var(--ps-brand)",
        "accordion_text_color": "var(--ps-ink)",
    }
    base = gr.themes.Base(
        primary_hue=PETROL,
        secondary_hue=PETROL,
        neutral_hue=NEUTRAL,
        font=list(FONT),
        font_mono=["ui-monospace", "monospace"],
        radius_size=gr.themes.sizes.radius_lg,
    )
    dark = {f"{name}_dark": value for name, value in both.items()}
    plain = {
        "block_radius": "14px", "input_radius": "9px", "button_large_radius": "12px", "block_shadow": "none",
        "button_primary_shadow": "none", "block_title_text_weight": "600", "block_label_text_weight": "600",
        "input_border_width": "1px", "block_border_width": "1px",
    }  # fmt: skip
    return base.set(**both, **dark, **plain)


def head() -> str:
    """What goes into the page's head: our own style, script and icon, named by content so that caches cannot lie."""

    def address(name: str) -> str:
        return f"/-/asset/{name}?v={hashlib.sha256((LOOK / name).read_bytes()).hexdigest()[:12]}"

    return join(
        tag("link", rel="stylesheet", href=address("studio.css")),
        tag("link", rel="icon", type="image/svg+xml", href=address("logo.svg")),
        tag("script", src=address("studio.js")),
    )
