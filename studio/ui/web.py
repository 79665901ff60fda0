"""The web process: FastAPI with our doors and routes, Gradio mounted in it, and no torch anywhere."""

import argparse
import contextlib
import ctypes
import logging
import os
import secrets
import socket
import sys
import webbrowser
from pathlib import Path

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from studio import settings as configuration
from studio.domain.errors import BadInput, NotFound, Refused, StudioError
from studio.files import write_atomic
from studio.jobs.supervisor import ensure_supervisor
from studio.storage.opened import Studio, open_studio
from studio.storage.presence import hold_web_lock
from studio.storage.workspace import Workspace
from studio.ui import doors, routes, theme

KEY_FILE = "creator-link"
THREADS = 8
"""Handlers at the same time: each takes milliseconds, and every further thread holds memory of its own."""


def make_app(studio: Studio, *, host: str, key: str | None) -> FastAPI:
    """The whole site for one opened studio. `key`: what the creator link carries, None on loopback."""
    prepare_gradio(studio.workspace)
    import gradio as gr

    from studio.ui.app import build

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(routes.router(studio))

    @app.exception_handler(StudioError)
    async def sentence(request: Request, error: StudioError) -> Response:
        status = {NotFound: 404, BadInput: 400, Refused: 403}.get(type(error), 409)
        return PlainTextResponse(error.sentence(), status)

    # With a CORS policy of ours, Gradio's own, which reflects any origin, stands back.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    app.add_middleware(doors.Doors, host=host, key=key)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build(studio),
        path="/",
        run_history=False,
        footer_links=[],
        allowed_paths=[],
        max_file_size=1,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        show_error=False,
        enable_monitoring=False,
        theme=theme.theme(),
        head=theme.head(),
    )
    return mounted


def prepare_gradio(workspace: Workspace) -> None:
    """Gradio reads these when it is imported: nothing leaves the machine, nothing is written outside."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["GRADIO_TEMP_DIR"] = str(workspace.cache / "gradio")


def creator_key(workspace: Workspace) -> str:
    """The secret of the creator link; kept, so that a restart does not lock the creator's phone out."""
    path = workspace.keys / KEY_FILE
    if path.is_file():
        kept = path.read_text("utf-8").strip()
        if len(kept) >= 32:
            return kept
    key = secrets.token_urlsafe(32)
    write_atomic(path, key.encode(), mode=0o600)
    return key


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises `BadInput` when the port is taken or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    if os.name != "nt":
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise BadInput(
            f"The studio cannot listen on {host}:{port} ({error.strerror or error}).",
            "Another studio may run there already: open it in your browser, or choose another port with --port.",
        ) from error
    return bound


def serve(arguments: list[str]) -> int:
    """The verb `ui`: opens the workspace, makes sure a supervisor runs, and serves the page until Ctrl+C."""
    parser = argparse.ArgumentParser(prog="python -m studio ui", description="Serve the page.")
    configuration.add_options(parser, "workspace", "host", "port", "browser")
    settings = configuration.settings_of(parser.parse_args(arguments))
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    # Gradio imports matplotlib at every event, only to set its backend: 30 MB for nothing, the page draws SVG.
    sys.modules.setdefault("matplotlib", None)  # type: ignore[arg-type]
    share_heaps()
    bound = listen(settings.host, settings.port)
    studio = open_studio(Path(settings.workspace), settings)
    for note in studio.notes:
        print(note, file=sys.stderr)
    key = None if doors.is_loopback(settings.host) else creator_key(studio.workspace)
    app = make_app(studio, host=settings.host, key=key)
    address = link(settings.host, bound.getsockname()[1], key)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=2)
    )
    announce(server, address, browser=settings.browser)
    with hold_web_lock(studio.workspace, address.partition("/enter/")[0]):
        ensure_supervisor(studio)
        server.run(sockets=[bound])
    return 0


def share_heaps() -> None:
    """Threads share two heaps where glibc allows: with its eight a core, many small requests leave more unused.

    After four visits to every tab the process held 182 MB instead of 189.
    """
    m_arena_max = -8  # malloc.h
    with contextlib.suppress(OSError, AttributeError):  # another system, or another C library
        ctypes.CDLL("libc.so.6").mallopt(m_arena_max, 2)


def link(host: str, port: int, key: str | None) -> str:
    """What a person opens; beyond loopback it carries the key."""
    everywhere = host in ("0.0.0.0", "::")
    name = socket.gethostname() if everywhere else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}" + (f"/enter/{key}" if key else "")


def announce(server: uvicorn.Server, address: str, *, browser: bool) -> None:
    """Prints the one line once the page answers, and opens the browser where there is one."""
    startup = server.startup

    async def told(sockets: list[socket.socket] | None = None) -> None:
        current_default_thread_limiter().total_tokens = THREADS
        await startup(sockets)
        print(f"Persona Studio is ready at {address}", flush=True)
        if browser:
            webbrowser.open(address)

    server.startup = told  # type: ignore[method-assign]
