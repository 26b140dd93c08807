"""Readers without a browser: each keeps a page open over a real WebSocket, as a browser does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

LARGEST: int = 50_000_000
"""Bytes of the largest message that a reader takes."""


def open_page(address: str, readers: ExitStack, cookie: str = "") -> int:
    """Open a page and keep it open until `readers` is closed; return how many messages drew it."""
    parts = urlsplit(address)
    socket = readers.enter_context(
        connect(
            f"ws://{parts.netloc}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": cookie} if cookie else {},
            max_size=LARGEST,
        )
    )
    request = BackMsg()
    request.rerun_script.query_string = parts.query
    request.rerun_script.page_name = parts.path.strip("/")
    socket.send(request.SerializeToString())
    for count in range(1, 10_000):
        message = ForwardMsg()
        message.ParseFromString(bytes(socket.recv(timeout=60)))
        if message.WhichOneof("type") == "script_finished":
            return count
    raise AssertionError(f"{address} is never drawn to its end")


@contextmanager
def open_pages(addresses: list[str], cookie: str = "") -> Iterator[None]:
    """Keep pages open, each in a session of its own."""
    with ExitStack() as readers:
        for address in addresses:
            assert open_page(address, readers, cookie) > 1
        yield
