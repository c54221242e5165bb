"""A person in a real Chromium: finds the shop through a search with an ad, buys, and is then seen on the dashboard."""
import http.server
import json
import pathlib
import tempfile
import threading

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as shown
from selenium.webdriver.support.ui import WebDriverWait

# Headless Chromium calls itself a robot, and robots are rightly left out of the reports.
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
SCREENSHOTS = pathlib.Path(__file__).resolve().parents[2] / "build" / "screenshots"


@pytest.fixture(scope="module")
def search_page(platform):
    """What the ad on a search engine's page is: a link to the shop with a click id. Chromium takes this address for search.example."""
    shop = "http://" + platform.parts["dash"].addresses[1]
    page = f'<html><head><meta name="referrer" content="unsafe-url"></head><a id="ad" href="{shop}/?gclid=EAIaIQ">Tea</a></html>'

    class Search(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Search)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.fixture
def browser(search_page, request):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    width = getattr(request, "param", 1280)
    profile = tempfile.TemporaryDirectory(prefix="chromium-")
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
                     "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", f"--user-agent={PERSON}",
                     f"--user-data-dir={profile.name}", f"--window-size={width},900",
                     f"--host-resolver-rules=MAP search.example 127.0.0.1:{search_page}"]:
        options.add_argument(argument)
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()
    profile.cleanup()


def find(browser, css):
    return WebDriverWait(browser, 30).until(shown.visibility_of_element_located((By.CSS_SELECTOR, css)))


def picture(browser, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    browser.save_screenshot(str(SCREENSHOTS / f"{name}.png"))


def sign_in(platform, browser):
    browser.get(platform.parts["dash"].url)
    find(browser, "input[name=account]").send_keys(platform.ACCOUNT)
    find(browser, "input[name=password]").send_keys(platform.dashboard_password() + Keys.ENTER)
    find(browser, "nav a[aria-current=page]")


def buy_tea(platform, browser):
    """From the ad to the order; the order's id and the visitor's token."""
    browser.get("http://search.example/search?q=tea")
    find(browser, "#ad").click()
    find(browser, ".products a").click()
    find(browser, "#add").click()
    browser.find_element(By.LINK_TEXT, "Go to basket").click()
    find(browser, "#buy").click()
    order = find(browser, "#order").text
    platform.wait_for("the tag's visitor cookie", lambda: browser.get_cookie("vscr_vid") is not None, 20)
    return order, browser.get_cookie("vscr_vid")["value"]


# The main job, by hand: every part of the platform takes part, from the tag's cookie to the pixels of the dashboard.
def test_a_buyer_from_an_ad_is_seen_on_the_dashboard(platform, browser):
    order, visitor = buy_tea(platform, browser)
    platform.wait_for("the order in the database", lambda: platform.query(
        "SELECT FROM attrib_event_item WHERE transaction_id = %s", order))
    channel, click, views = platform.query(
        "SELECT channel.name, visit.click_id, visit.views FROM attrib_visit AS visit JOIN attrib_visitor AS visitor"
        " ON visitor.id = visit.visitor_id JOIN attrib_referer AS channel ON channel.id = visit.referer_id"
        " WHERE visitor.token = %s", visitor)[0]
    assert (channel, click) == ("PPC", "gclid")
    assert views >= 4

    sign_in(platform, browser)
    browser.find_element(By.LINK_TEXT, "Live").click()
    assert visitor[:8] in find(browser, "table").text
    picture(browser, "live")
    browser.find_element(By.PARTIAL_LINK_TEXT, visitor[:8]).click()
    assert order in find(browser, "h3").text
    assert "PPC" in find(browser, "table").text
    picture(browser, "journey")


# A report must reconcile on screen as well as in the database.
@pytest.mark.parametrize("browser", [1280, 400], indirect=True)
def test_the_channel_report_reconciles(platform, browser, request):
    if not platform.query("SELECT FROM report_model"):
        platform.cubed("simulate", "--account", platform.ACCOUNT, "--scenario", "C", "--visitors", 1000, "--days", 30,
                       "--seed", 7, "--dcs", platform.parts["dcs"].url, "--wait")
        platform.cubed("train", "customer", "--account", platform.ACCOUNT)
    sign_in(platform, browser)
    assert find(browser, "[data-reconciles]").get_attribute("data-reconciles") == "true"
    channels = [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "tbody th")]
    assert {"PPC", "Direct", "Unattributed"} <= set(channels)
    # Nothing may be wider than the window but what scrolls by itself.
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    width = browser.get_window_size()["width"]
    picture(browser, f"channels-{width}")
    report = json.loads(platform.cubed("report", "channels", "--account", platform.ACCOUNT, "--format", "json"))
    assert report


# Everything must be reachable without a mouse.
def test_the_keyboard_reaches_everything(platform, browser):
    sign_in(platform, browser)
    find(browser, "[data-reconciles]")
    reached = set()
    for _ in range(60):
        webdriver.ActionChains(browser).send_keys(Keys.TAB).perform()
        focused = browser.switch_to.active_element
        reached.add(focused.get_attribute("aria-label") or focused.text or focused.get_attribute("type"))
    assert {"Channels", "Journeys", "Live", "Sign out", "Download CSV", "Channel report"} <= reached


# A stranger sees the sign-in form and nothing else.
def test_wrong_passwords_are_refused_in_words(platform, browser):
    browser.get(platform.parts["dash"].url)
    find(browser, "input[name=account]").send_keys(platform.ACCOUNT)
    find(browser, "input[name=password]").send_keys("guess" + Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda b: "not right" in b.find_element(By.CSS_SELECTOR, "[role=alert]").text)
    picture(browser, "sign-in")
