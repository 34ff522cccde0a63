"""The one call that makes a program a plugin."""

import json
import os
import sys
from typing import TYPE_CHECKING

from ._bundle import Bundle
from ._errors import SocketInUse
from ._manifest import Manifest

if TYPE_CHECKING:
    from ._asgi import AsgiApp


def serve(
    app: "AsgiApp",
    manifest: Manifest,
    *,
    bundle: "str | os.PathLike[str] | None" = None,
    log_level: int | str | None = "INFO",
) -> None:
    """Makes this program a plugin: call it last, in the main thread.

    With `--metadata` among the arguments it prints the manifest. Started by the host, it serves `app`, an ASGI 3
    application, and returns when the plugin shall end; the process should then exit. Started by hand, it says on
    stderr what to do, and exits with code 2.

    `bundle` is the script of the page in the panel. Without it, `bundle.js`, `page/bundle.js` and
    `page/dist/bundle.js` are looked for beside the main module, and in the packed file.

    `log_level` is the level from which records of `logging` go to the plugin's log. A program that has set up
    `logging` before keeps what it set up. None leaves `logging` alone.
    """
    if "--metadata" in sys.argv[1:]:
        sys.stdout.buffer.write(json.dumps(manifest.fields(), ensure_ascii=False).encode("utf-8") + b"\n")
        sys.stdout.buffer.flush()
        return
    socket_path = os.environ.get("TORU_PLUGIN_SOCKET")
    if not socket_path:
        print(
            f"{manifest.name} is a plugin for Toru. Put the file into the host's folder of plugins, as "
            f"{manifest.id}.binary; the host starts it. With --metadata it prints what it is.",
            file=sys.stderr,
        )
        sys.exit(2)
    from ._process import run  # asyncio is not needed for --metadata, which should be quick

    try:
        run(app, manifest, Bundle(bundle), socket_path, log_level)
    except SocketInUse as error:
        print(error, file=sys.stderr)
        sys.exit(1)
