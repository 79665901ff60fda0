"""Gradio's page, at the cost of what has changed instead of all there is."""

import copy
from typing import Any

import gradio as gr
from gradio.blocks import BlockFunction
from gradio.state_holder import SessionState


class Blocks(gr.Blocks):  # type: ignore[misc]  # Gradio tells no types
    """As Gradio's, but an output that an answer leaves alone costs nothing.

    Gradio makes such a component, its signature and its configuration anew at every event, to change nothing in it. An open
    page asks more than once a second and any board may have changed, so that was most of what the web process did.
    """

    def run_startup_events(self) -> None:
        """As Gradio's, but its queue, in which no event of ours waits, need not look a thousand times a second for one."""
        self._queue.sleep_when_free = self._queue.progress_update_sleep_when_free = 1.0
        super().run_startup_events()

    async def postprocess_data(
        self, block_fn: BlockFunction, predictions: list[Any] | dict[Any, Any], state: SessionState | None
    ) -> list[Any]:
        """What the browser is told of each output, in their order; a dict of `predictions` holds only the changed ones."""
        if not isinstance(predictions, dict) or not predictions or not predictions.keys() <= set(block_fn.outputs):
            told: list[Any] = await super().postprocess_data(block_fn, predictions, state)
            return told
        some = copy.copy(block_fn)
        some.outputs = [output for output in block_fn.outputs if predictions.get(output, gr.skip()) != gr.skip()]
        values = [predictions[output] for output in some.outputs]
        told = await super().postprocess_data(some, values if len(values) != 1 else values[0], state) if values else []
        changed = dict(zip(some.outputs, told, strict=True))
        return [changed.get(output, None if output.stateful else gr.skip()) for output in block_fn.outputs]
