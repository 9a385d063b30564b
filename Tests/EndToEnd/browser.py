"""A real browser, through WebDriver: Chromium, or the one that ENGINE names (chromium, firefox, webkit)."""

import os

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from marionette import Marionette
from service import ROOT, wait_for
from webkit import Display, WebKitOptions

ENGINE = os.environ.get("ENGINE", "chromium")
# What pages looked like, to be looked at after the tests.
PICTURES = ROOT / ".build/pictures"
# What goes wrong in a page and is caught by nobody.
UNCAUGHT = """
    window.uncaught = [];
    addEventListener("error", (event) => uncaught.push(String(event.message)));
    addEventListener("unhandledrejection", (event) => uncaught.push(String(event.reason)));
"""

of_chromium = pytest.mark.skipif(ENGINE != "chromium", reason="only Chromium can be told to do this")


class Page:
    """What tests do with a browser, whichever it is."""

    def open(self, service, path="/"):
        self.get(f"http://127.0.0.1:{service.port}{path}")

    def run(self, script, *arguments):
        return self.execute_script(script, *arguments)

    def wait(self, script, what, *arguments):
        """Asks the page again until it says so."""
        return wait_for(lambda: self.run(script, *arguments), what)

    def type(self, selector, text):
        self.find_element(By.CSS_SELECTOR, selector).send_keys(text)

    def link(self, text):
        """A link by its whole text, which WebKit's driver does not find where it is cut off in sight."""
        find = "return [...document.querySelectorAll('a')].find((link) => link.textContent === arguments[0] && link.offsetParent)"
        return self.wait(find, f"the link {text}", text)

    def inside(self, host, selector):
        """An element in another's shadow."""
        find = "return document.querySelector(arguments[0])?.shadowRoot?.querySelector(arguments[1])"
        return self.wait(find, f"{selector} in {host}", host, selector)

    def tab(self):
        """Presses the tab key, and gives the name and role of what has the focus then."""
        ActionChains(self).send_keys(Keys.TAB).perform()
        return self.run("""
            let element = document.activeElement;
            while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
            return element === document.body ? null
                : (element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent).trim();
        """)

    def uncaught(self):
        return self.run("return window.uncaught ?? []")

    def picture(self, name):
        folder = PICTURES if ENGINE == "chromium" else PICTURES / ENGINE
        folder.mkdir(parents=True, exist_ok=True)
        self.save_screenshot(str(folder / f"{name}.png"))


class Chromium(Page, webdriver.Chrome):
    def __init__(self, profile, width=1200, height=900, more=()):
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
                         f"--window-size={width},{height}", *more):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        super().__init__(service=Service("/usr/bin/chromedriver"), options=options)
        self.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": UNCAUGHT})

    def console(self):
        return [entry["message"] for entry in self.get_log("browser")]

    def resize(self, width, height):
        self.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def prefer(self, scheme):
        self.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def accessible(self):
        """The accessibility tree: each node that is not ignored as (role, name, properties)."""
        self.execute_cdp_cmd("Accessibility.enable", {})
        nodes = self.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""),
             {"value": node.get("value", {}).get("value"),
              **{item["name"]: item["value"].get("value") for item in node.get("properties", [])}})
            for node in nodes if not node["ignored"]
        ]


class Other(Page):
    """What only Chromium tells is not asked of another: its console, and the tree that screen readers walk."""

    def settle(self):
        # A file is named by its path.
        self._is_remote = False

    def get(self, url):
        super().get(url)
        self.loaded()

    def refresh(self):
        super().refresh()
        self.loaded()

    def loaded(self):
        """Waits for the page's modules, which Chromium does by itself."""
        # Behind the page's own first scripts.
        self.run(UNCAUGHT)
        self.wait("return document.readyState === 'complete' && !document.querySelector(':not(:defined)')", "the page")

    def console(self):
        return []

    def accessible(self):
        pytest.skip("only Chromium shows what screen readers get")


class Firefox(Other, webdriver.Remote):
    def __init__(self, profile, width=1200, height=900):
        self.marionette = Marionette(profile, width, height)
        super().__init__(command_executor=self.marionette, options=webdriver.FirefoxOptions())
        self.settle()

    def resize(self, width, height):
        self.marionette.privileged("""
            const { style } = gBrowser.selectedBrowser;
            for (const [name, value] of [["width", arguments[0]], ["height", arguments[1]]])
                for (const bound of ["min-", "max-"]) style.setProperty(bound + name, `${value}px`, "important");
        """, width, height)
        self.wait("return innerWidth === arguments[0] && innerHeight === arguments[1]", "the size", width, height)

    def prefer(self, scheme):
        self.marionette.privileged(
            "Services.prefs.setIntPref('layout.css.prefers-color-scheme.content-override', arguments[0])",
            int(scheme != "dark"))


class WebKit(Other, webdriver.WebKitGTK):
    def __init__(self, profile, width=1200, height=900, is_dark=False):
        self.display = Display(profile, is_dark)
        super().__init__(options=WebKitOptions(), executable_path=str(self.display.program))
        self.settle()
        self.resize(width, height)

    def resize(self, width, height):
        self.set_window_size(width, height)
        self.wait("return innerWidth > 0", "a page")
        frame = [outer - inner for outer, inner in zip((width, height), self.run("return [innerWidth, innerHeight]"))]
        self.set_window_size(width + frame[0], height + frame[1])

    def prefer(self, scheme):
        """Does nothing: it is as its desktop is, and dark from the beginning or never."""

    def quit(self):
        super().quit()
        self.display.end()


Browser = {"chromium": Chromium, "firefox": Firefox, "webkit": WebKit}[ENGINE]


@pytest.fixture
def browser(tmp_path):
    browser = Browser(tmp_path / "profile")
    yield browser
    browser.quit()
