"""What a page costs on the wire, as Chromium itself counts it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page


@dataclass
class Wire:
    """Bytes that a page has received since it is watched, by address; headers included, as they came (compressed).

    What comes by WebSocket is counted as it is read, after it was inflated: more than what went over the wire.
    """

    received: dict[str, int] = field(default_factory=dict)
    from_cache: set[str] = field(default_factory=set)
    by_socket: int = 0

    @property
    def total(self) -> int:
        """Everything that came, in bytes."""
        return sum(self.received.values()) + self.by_socket


def watched(page: Page) -> Wire:
    """Watch what a page receives, from now on."""
    wire = Wire()
    addresses: dict[str, str] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def requested(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def cached(event: dict[str, Any]) -> None:
        wire.from_cache.add(addresses[event["requestId"]])

    def finished(event: dict[str, Any]) -> None:
        address = addresses.get(event["requestId"], "unknown")
        wire.received[address] = wire.received.get(address, 0) + int(event["encodedDataLength"])

    def framed(event: dict[str, Any]) -> None:
        frame = event["response"]
        binary = frame["opcode"] == 2
        wire.by_socket += len(base64.b64decode(frame["payloadData"]) if binary else frame["payloadData"].encode())

    session.on("Network.requestWillBeSent", requested)
    session.on("Network.requestServedFromCache", cached)
    session.on("Network.loadingFinished", finished)
    session.on("Network.webSocketFrameReceived", framed)
    return wire
