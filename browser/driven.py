"""A Chromium that opens local pages and records their console output and requests."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM: Final = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER: Final = shutil.which("chromedriver")
MISSING: Final = "no browser: these tests need chromium and chromedriver (Debian: chromium-driver)"

_FLAGS: Final = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
)
_READY: Final = "return document.documentElement.dataset.ready === 'true'"
_SECONDS: Final = 60


class Browser:
    """One window; its console output and requests are counted from the last opened page."""

    def __init__(self, driver: Any, downloads: Path) -> None:
        self._driver = driver
        self.downloads = downloads

    def open(self, page: Path, fragment: str = "") -> None:
        """Open a page anew and wait until it is ready."""
        self._driver.get("about:blank")
        for kind in ("browser", "performance"):
            self._driver.get_log(kind)
        self._driver.get(page.as_uri() + fragment)
        self.until(_READY)

    def until(self, condition: str) -> Any:
        """Wait until a script returns something true, and return that."""
        return WebDriverWait(self._driver, _SECONDS, poll_frequency=0.05).until(
            lambda driver: driver.execute_script(condition)
        )

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what a script returns."""
        return self._driver.execute_script(script, *arguments)

    def all(self, css: str) -> list[Any]:
        """Return the elements that match and can be seen."""
        elements = self._driver.find_elements(By.CSS_SELECTOR, css)
        return [element for element in elements if element.is_displayed()]

    def one(self, css: str) -> Any:
        """Return the only element that matches and can be seen."""
        (element,) = self.all(css)
        return element

    def texts(self, css: str) -> list[str]:
        """Return the texts of what can be seen."""
        return [element.text for element in self.all(css)]

    def choose(self, label: str, value: str) -> None:
        """Choose a value of the list with that label, by its visible name."""
        self.run(
            """
            const label = [...document.querySelectorAll("label")]
              .filter((one) => one.offsetParent)
              .find((one) => one.firstChild.textContent === arguments[0]);
            const list = label.querySelector("select");
            list.value = [...list.options].find((one) => one.text === arguments[1]).value;
            list.dispatchEvent(new Event("change"));
            """,
            label,
            value,
        )

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is."""
        ActionChains(self._driver).send_keys(*keys).perform()

    @property
    def focused(self) -> str:
        """Return the text of the element that has the focus, or its id where it has no text."""
        active = self._driver.switch_to.active_element
        return str(active.text or active.get_attribute("id"))

    @property
    def fragment(self) -> str:
        """Return the fragment of the address."""
        return str(self.run("return decodeURIComponent(location.hash)"))

    @property
    def title(self) -> str:
        """Return the title of the page."""
        return str(self._driver.title)

    def back(self) -> None:
        """Go back, as its button does."""
        self._driver.back()

    def complaints(self) -> list[str]:
        """Return the console output since the page was opened."""
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Return the requested addresses since the page was opened."""
        events = (
            json.loads(entry["message"])["message"] for entry in self._driver.get_log("performance")
        )
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    @contextmanager
    def seen(self, *, width: int = 1280, height: int = 900, **features: str) -> Iterator[None]:
        """Show pages at a size, with features such as `prefers_color_scheme="dark"`."""
        media = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        try:
            yield
        finally:
            self._driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
            self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """Show pages as a browser without a global of that name does."""
        command = "Page.addScriptToEvaluateOnNewDocument"
        added = self._driver.execute_cdp_cmd(command, {"source": f"delete window.{name}"})
        try:
            yield
        finally:
            self._driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)

    @contextmanager
    def printed(self) -> Iterator[None]:
        """Show pages as they are printed."""
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        try:
            yield
        finally:
            self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    def keep_picture(self, path: Path) -> None:
        """Store a screenshot of the window."""
        self._driver.save_screenshot(str(path))


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Run a browser that keeps its profile and what is downloaded in a folder."""
    os.environ["SE_OFFLINE"] = "true"
    downloads = folder / "downloads"
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*_FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield Browser(driver, downloads)
    finally:
        driver.quit()
