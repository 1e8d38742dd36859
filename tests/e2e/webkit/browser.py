#!/usr/bin/python3
"""The smallest browser on WebKitGTK that has what a phone's has: a profile on disk, a position, and an end.

Law: MiniBrowser under automation forgets everything when it ends, and a phone does not; so this one keeps its
profile. Run by Debian's own Python (python3-gi is not on PyPI as a wheel), never imported by the tests.

    browser.py PROFILE LATITUDE LONGITUDE

Writes its process id to PROFILE/pid and leads a process group, so that all of WebKit's processes end at once.
"""

import os
import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402  versions must be named before

#: The screen everything is designed for, CSS pixels.
WIDTH, HEIGHT = 360, 640
#: What the position says of itself, metres.
ACCURACY = 12.0


def main(profile: Path, latitude: float, longitude: float) -> None:
    os.setpgid(0, 0)
    (profile / "pid").write_text(str(os.getpid()))
    kept = WebKit2.WebsiteDataManager(
        base_data_directory=str(profile / "data"), base_cache_directory=str(profile / "cache")
    )
    context = WebKit2.WebContext.new_with_website_data_manager(kept)
    context.set_automation_allowed(True)

    def locate(manager: Any) -> bool:
        manager.update_position(WebKit2.GeolocationPosition.new(latitude, longitude, ACCURACY))
        return True

    context.get_geolocation_manager().connect("start", locate)

    view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
    # Scripts' errors go to standard output, where the tests look for them.
    view.get_settings().set_enable_write_console_messages_to_stdout(True)

    def allow(view: Any, request: Any) -> bool:
        request.allow()
        return True

    view.connect("permission-request", allow)

    def automated(context: Any, session: Any) -> None:
        about = WebKit2.ApplicationInfo()
        about.set_name("Phone")
        session.set_application_info(about)
        session.connect("create-web-view", lambda session: view)

    context.connect("automation-started", automated)
    window = Gtk.Window()
    window.set_default_size(WIDTH, HEIGHT)
    window.add(view)
    window.show_all()
    Gtk.main()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
