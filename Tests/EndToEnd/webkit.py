"""WebKitGTK's small browser, on a display of its own."""

import os
import shlex
import subprocess

from selenium.webdriver.webkitgtk.options import Options

MINIBROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"


class WebKitOptions(Options):
    def __init__(self):
        super().__init__()
        self.binary_location = MINIBROWSER
        self.add_argument("--automation")


class Display:
    """An X server without a screen, and a program that starts WebKit's driver on it."""

    def __init__(self, profile, is_dark):
        profile.mkdir(parents=True)
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1700x1300x24", "-nolisten", "tcp"], pass_fds=[write],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with open(read) as answer:
            number = answer.readline().strip()
        environment = {
            "DISPLAY": f":{number}", "HOME": str(profile), "GTK_THEME": "Adwaita:dark" if is_dark else "Adwaita",
            # There is neither a session of a desktop nor a graphics card.
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "LIBGL_ALWAYS_SOFTWARE": "1", "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
        words = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
        self.program = profile / "driver"
        self.program.write_text(f'#!/bin/sh\nexec env {words} WebKitWebDriver "$@"\n')
        self.program.chmod(0o700)

    def end(self):
        self.server.terminate()
        self.server.wait()
