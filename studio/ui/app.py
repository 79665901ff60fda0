"""The page: header, notice, tabs and the job strip, drawn from rows and drawn again when rows change."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from studio.domain.records import JobStatus
from studio.jobs.supervisor import ensure_supervisor
from studio.storage.opened import Studio
from studio.ui import header, job_card, job_strip
from studio.ui.blocks import Blocks
from studio.ui.page import Deed, Page, Reply, Scene
from studio.ui.tabs import create, dataset, judge, persona, train

TICK_SECONDS = 0.8
SESSIONS = 16
"""Open pages of which Gradio keeps what it knows, some 2 MB each. Of its own it forgets none of the last 10,000, closed or not;
a page that is open asks every `TICK_SECONDS`, so the closed ones go first."""
TABS: dict[str, Callable[[Page], None]] = {
    "persona": persona.build,
    "dataset": dataset.build,
    "train": train.build,
    "create": create.build,
    "judge": judge.build,
}


def build(studio: Studio) -> Blocks:
    """All of the page for one opened studio."""
    blocks = Blocks(title="Persona Studio", analytics_enabled=False, fill_width=True, delete_cache=(3600, 86400))
    with blocks:
        page = Page(studio)
        page.region("top", header.draw)
        page.notice.render()
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap") as tabs:
            for name, contents in TABS.items():
                with gr.Tab(name.capitalize(), id=name) as tab:
                    contents(page)
                page.on(tab.select, select(page, name))
        page.region("strip", job_strip.strip)
        header.deeds(page)
        job_card.deeds(page)
        page.on(gr.Timer(TICK_SECONDS).tick, tick)
        page.fields.append(tabs)
        page.wire()
        page.open_with(blocks.load, lambda view: {tabs: gr.Tabs(selected=view.tab)})
    blocks.state_session_capacity = SESSIONS
    return blocks


def tick(scene: Scene, data: dict[str, Any]) -> None:
    """Nothing but the redrawing that follows every deed; and work that waits finds somebody to do it."""
    if any(job.status in (JobStatus.QUEUED, JobStatus.RUNNING) for job in scene.jobs):
        ensure_supervisor(scene.studio)


def select(page: Page, name: str) -> Deed:
    """What a click on a tab does: only the tab in sight is drawn."""

    def deed(scene: Scene, data: dict[str, Any]) -> Reply:
        view = scene.view.at(tab=name)
        return Reply(view=view, notice=None, fields=page.arrive(scene, view))

    return deed
