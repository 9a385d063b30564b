"""Firefox through its own protocol, Marionette: no package has geckodriver."""

import json
import os
import signal
import socket
import subprocess

from selenium.webdriver.remote.command import Command

from service import PATIENCE, wait_for

# Those that have another name here than "WebDriver:" and their own, and other names of parameters.
NAMES = {
    Command.NEW_SESSION: "NewSession", Command.GET: "Navigate", Command.W3C_EXECUTE_SCRIPT: "ExecuteScript",
    Command.W3C_EXECUTE_SCRIPT_ASYNC: "ExecuteAsyncScript", Command.FIND_CHILD_ELEMENT: "FindElement",
    Command.FIND_CHILD_ELEMENTS: "FindElements", Command.SEND_KEYS_TO_ELEMENT: "ElementSendKeys",
    Command.CLICK_ELEMENT: "ElementClick", Command.CLEAR_ELEMENT: "ElementClear", Command.W3C_ACTIONS: "PerformActions",
    Command.GO_BACK: "Back", Command.GO_FORWARD: "Forward", Command.SCREENSHOT: "TakeScreenshot", Command.CLOSE: "CloseWindow",
    Command.GET_CURRENT_URL: "GetCurrentURL", Command.W3C_GET_ACTIVE_ELEMENT: "GetActiveElement",
    Command.W3C_GET_CURRENT_WINDOW_HANDLE: "GetWindowHandle", Command.W3C_GET_WINDOW_HANDLES: "GetWindowHandles",
    Command.W3C_ACCEPT_ALERT: "AcceptAlert", Command.W3C_DISMISS_ALERT: "DismissAlert", Command.W3C_GET_ALERT_TEXT: "GetAlertText",
}
PARAMETERS = {Command.FIND_CHILD_ELEMENT: {"id": "element"}, Command.FIND_CHILD_ELEMENTS: {"id": "element"},
              Command.FIND_ELEMENT_FROM_SHADOW_ROOT: {"shadowId": "shadowRoot"},
              Command.FIND_ELEMENTS_FROM_SHADOW_ROOT: {"shadowId": "shadowRoot"}}


# A first start asks, looks and reports in many ways.
QUIET = {
    "app.normandy.enabled": False, "app.update.auto": False, "browser.aboutwelcome.enabled": False, "browser.startup.page": 0,
    "browser.newtabpage.enabled": False, "browser.shell.checkDefaultBrowser": False, "dom.ipc.processPrelaunch.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False, "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,", "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Marionette:
    """A Firefox of its own, which Selenium's commands go to."""

    keep_alive = True

    def __init__(self, profile, width, height):
        profile.mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        preferences = {"marionette.port": port, **QUIET}
        (profile / "user.js").write_text("".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()))
        self.process = subprocess.Popen(
            ["firefox-esr", "-headless", "-no-remote", "-marionette", "-remote-allow-system-access", "-profile", profile,
             "-width", str(width), "-height", str(height)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(profile), "MOZ_DISABLE_CONTENT_SANDBOX": "1"}, start_new_session=True)
        self.connection = wait_for(lambda: connected(port), "Firefox")
        self.messages = self.connection.makefile("rb")
        self.last = 0
        self.read()

    def execute(self, command, params):
        """Selenium's way in; answers as its own connection does."""
        params = {name: value for name, value in (params or {}).items() if name != "sessionId"}
        if command == Command.QUIT:
            return self.quit()
        if command == Command.NEW_SESSION:
            params = {}
        renamed = PARAMETERS.get(command, {})
        params = {renamed.get(name, name): value for name, value in params.items()}
        if command == Command.SCREENSHOT:
            params["full"] = False
        return self.ask("WebDriver:" + NAMES.get(command, command[0].upper() + command[1:]), params)

    def ask(self, name, params):
        self.last += 1
        text = json.dumps([0, self.last, name, params]).encode()
        self.connection.sendall(b"%d:%s" % (len(text), text))
        _, _, error, result = self.read()
        if error:
            return {"status": 500, "value": json.dumps({"value": error})}
        is_wrapped = isinstance(result, dict) and set(result) == {"value"}
        return {"value": result["value"] if is_wrapped else result}

    def read(self):
        length = b""
        while (byte := self.messages.read(1)) != b":":
            length += byte
        return json.loads(self.messages.read(int(length)))

    def privileged(self, script, *arguments):
        """Runs a script as the browser itself."""
        self.ask("Marionette:SetContext", {"value": "chrome"})
        try:
            answer = self.ask("WebDriver:ExecuteScript", {"script": script, "args": list(arguments)})
            assert "status" not in answer, answer
        finally:
            self.ask("Marionette:SetContext", {"value": "content"})

    def quit(self):
        self.connection.close()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        return {"value": None}

    def close(self):
        pass


def connected(port):
    try:
        return socket.create_connection(("127.0.0.1", port), 5 * PATIENCE)
    except OSError:
        return None
