"""A real browser: Chromium, through WebDriver."""

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from service import ROOT, wait_for


# What pages looked like, to be looked at after the tests.
PICTURES = ROOT / ".build/pictures"


class Browser(webdriver.Chrome):
    def __init__(self, profile, width=1200, height=900, more=()):
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
                         f"--window-size={width},{height}", *more):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        super().__init__(service=Service("/usr/bin/chromedriver"), options=options)
        # What goes wrong in a page and is caught by nobody.
        self.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
            window.uncaught = [];
            addEventListener("error", (event) => uncaught.push(String(event.message)));
            addEventListener("unhandledrejection", (event) => uncaught.push(String(event.reason)));
        """})

    def open(self, service, path="/"):
        self.get(f"http://127.0.0.1:{service.port}{path}")

    def run(self, script, *arguments):
        return self.execute_script(script, *arguments)

    def wait(self, script, what, *arguments):
        """Asks the page again until it says so."""
        return wait_for(lambda: self.run(script, *arguments), what)

    def type(self, selector, text):
        self.find_element(By.CSS_SELECTOR, selector).send_keys(text)

    def inside(self, host, selector):
        """An element in another's shadow."""
        return self.find_element(By.CSS_SELECTOR, host).shadow_root.find_element(By.CSS_SELECTOR, selector)

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

    def console(self):
        return [entry["message"] for entry in self.get_log("browser")]

    def picture(self, name):
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.save_screenshot(str(PICTURES / f"{name}.png"))

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


@pytest.fixture
def browser(tmp_path):
    browser = Browser(tmp_path / "profile")
    yield browser
    browser.quit()
