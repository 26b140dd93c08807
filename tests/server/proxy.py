"""A real nginx of Debian before a served site, as operators write it who think of nothing."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.install_programs import find
from tests.served import free_port

CONFIGURATION = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; client_max_body_size 100m; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {upstream}
  server {{
    listen {host}:{port};
    location / {{
      proxy_pass {site}; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection {connection};
      {more}
    }}
  }}
}}
"""


@contextmanager
def proxy(
    site: str, folder: Path, more: str = "", host: str = "127.0.0.1", port: int = 0, upstream: str = ""
) -> Iterator[str]:
    """Stand an nginx before a site; `more` is what its configuration says of the request that it passes on.

    `upstream` says of a site by a name of its own where it is.
    """
    port = port or free_port(host)
    connection = "$way" if upstream else "$http_connection"
    written = folder / "nginx.conf"
    written.write_text(
        CONFIGURATION.format(
            folder=folder, host=host, port=port, site=site, more=more, upstream=upstream, connection=connection
        )
    )
    running = subprocess.Popen([find("nginx") or "nginx", "-e", str(folder / "error.log"), "-c", str(written)])
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex((host, port)) == 0:
                    break
            assert running.poll() is None, (folder / "error.log").read_text()
            time.sleep(0.05)
        yield f"http://{host}:{port}"
    finally:
        running.terminate()
        running.wait(timeout=20)
