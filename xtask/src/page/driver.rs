//! Headless Chromium, controlled through the WebDriver protocol by plain HTTP.

use std::fmt::Display;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

/// The key of an element's id in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// The words of the driver before its port when it is ready.
const READY: &str = "started successfully on port ";
/// Maximum time of a change on the page.
const TIMEOUT: Duration = Duration::from_secs(15);
const PACKAGES: &str = "install Debian's packages chromium and chromium-driver";

/// A browser with one tab. `Drop` ends it and deletes its profile.
pub(super) struct Browser {
    driver: Child,
    /// Held open, because the driver ends if its output is closed.
    _output: BufReader<ChildStdout>,
    http: Client,
    session: String,
    profile: PathBuf,
}

impl Browser {
    /// Starts a driver on a free port and a browser with a new, empty profile below `folder`.
    pub(super) fn start(folder: &Path) -> Result<Self, String> {
        let profile = folder.join(format!("profile-{}", std::process::id()));
        std::fs::create_dir_all(&profile).map_err(failed("cannot create a profile for the browser"))?;
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot run chromedriver ({error}); {PACKAGES}"))?;
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(60)).build();
        let http = http.map_err(failed("cannot create a client for the driver"))?;
        let output = driver.stdout.take().ok_or("the driver has no standard output")?;
        let mut output = BufReader::new(output);
        let port = port(&mut output);
        let mut browser = Self { driver, _output: output, http, session: String::new(), profile };
        let base = format!("http://127.0.0.1:{}/session", port?);
        let request = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments(&browser.profile) },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } });
        let session = browser.call(Method::POST, &base, &request)?;
        let id = session["sessionId"].as_str().ok_or("the driver did not begin a session")?;
        browser.session = format!("{base}/{id}");
        Ok(browser)
    }

    pub(super) fn open(&self, url: &str) -> Result<(), String> {
        self.send("url", &json!({ "url": url })).map(drop)
    }

    /// Returns the result of a function with this body in the page. The arguments are `arguments[0]` and so on.
    pub(super) fn run(&self, body: &str, arguments: &Value) -> Result<Value, String> {
        let arguments = if arguments.is_array() { arguments.clone() } else { json!([arguments]) };
        self.send("execute/sync", &json!({ "script": body, "args": arguments }))
    }

    /// Waits until an expression is true in the page.
    pub(super) fn wait(&self, what: &str, expression: &str) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < TIMEOUT {
            if self.run(&format!("return Boolean({expression})"), &json!([]))? == json!(true) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(40));
        }
        Err(format!("{what}: not within {TIMEOUT:?}; {expression} never became true"))
    }

    pub(super) fn click(&self, selector: &str) -> Result<(), String> {
        self.on(selector, "click", &json!({}))
    }

    /// Types into an element. Keys without a character have code points defined by the protocol.
    pub(super) fn keys(&self, selector: &str, text: &str) -> Result<(), String> {
        self.on(selector, "value", &json!({ "text": text }))
    }

    /// Sends a command for an element. Fails if the page replaces the element in the meantime, which it must not do to
    /// one that stays.
    fn on(&self, selector: &str, command: &str, body: &Value) -> Result<(), String> {
        let element = self.find(selector)?;
        let sent = self.send(&format!("element/{element}/{command}"), body);
        sent.map(drop).map_err(|error| format!("{command} of {selector}: {error}"))
    }

    /// Sets a field or selects an option, whatever the previous value.
    pub(super) fn set(&self, selector: &str, value: &str) -> Result<(), String> {
        let script = "const field = document.querySelector(arguments[0]); field.value = arguments[1]; \
                      field.dispatchEvent(new Event('input', { bubbles: true })); \
                      field.dispatchEvent(new Event('change', { bubbles: true })); return field.value";
        let now = self.run(script, &json!([selector, value]))?;
        if now == value { Ok(()) } else { Err(format!("{selector} does not take {value:?}")) }
    }

    fn find(&self, selector: &str) -> Result<String, String> {
        let found = self.send("element", &json!({ "using": "css selector", "value": selector }))?;
        found[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| format!("no element {selector}"))
    }

    /// Sets the size of the window's content, and the preference for a dark color scheme.
    pub(super) fn look(&self, width: u32, height: u32, dark: bool) -> Result<(), String> {
        let scheme = if dark { "dark" } else { "light" };
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 1000 });
        self.develop("Emulation.setDeviceMetricsOverride", &size)?;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.develop("Emulation.setEmulatedMedia", &media)
    }

    fn develop(&self, command: &str, parameters: &Value) -> Result<(), String> {
        self.send("goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).map(drop)
    }

    /// Returns a PNG of the page in base64.
    pub(super) fn screenshot(&self) -> Result<String, String> {
        let shot = json!({ "cmd": "Page.captureScreenshot", "params": { "captureBeyondViewport": true } });
        let shot = self.send("goog/cdp/execute", &shot)?;
        shot["data"].as_str().map(str::to_owned).ok_or_else(|| "the browser returned no picture".to_owned())
    }

    /// Returns the messages of a log since the last call: `browser` or `performance`.
    pub(super) fn log(&self, kind: &str) -> Result<Vec<Value>, String> {
        let entries = self.send("se/log", &json!({ "type": kind }))?;
        Ok(entries.as_array().cloned().unwrap_or_default())
    }

    fn send(&self, command: &str, body: &Value) -> Result<Value, String> {
        self.call(Method::POST, &format!("{}/{command}", self.session), body)
    }

    fn call(&self, method: Method, url: &str, body: &Value) -> Result<Value, String> {
        let answer = self.http.request(method, url).json(body).send().map_err(failed("the driver"))?;
        let refused = !answer.status().is_success();
        let mut answer: Value = answer.json().map_err(failed("cannot read the driver's response"))?;
        let value = answer["value"].take();
        if refused {
            let message = value["message"].as_str().unwrap_or("no reason").lines().next().unwrap_or_default();
            return Err(format!("the browser rejected a command: {message}"));
        }
        Ok(value)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser ends with its session. If only the driver were killed, the browser would keep running.
        if !self.session.is_empty() {
            let _ = self.call(Method::DELETE, &self.session, &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// Returns the port that the driver prints.
fn port(output: &mut BufReader<ChildStdout>) -> Result<u16, String> {
    for line in output.lines() {
        let line = line.map_err(failed("cannot read the driver's output"))?;
        if let Some((_, port)) = line.split_once(READY) {
            return port.trim_end_matches('.').parse().map_err(failed("cannot parse the driver's port"));
        }
    }
    Err(format!("chromedriver ended before it was ready; {PACKAGES}"))
}

/// No requests of the browser itself, no state of an earlier run, and no sandbox, which containers do not
/// support.
fn arguments(profile: &Path) -> Vec<String> {
    let fixed = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
    ];
    let profile = format!("--user-data-dir={}", profile.display());
    fixed.into_iter().map(str::to_owned).chain([profile]).collect()
}

fn failed<E: Display>(what: &str) -> impl Fn(E) -> String {
    move |error| format!("{what}: {error}")
}
