//! The web page at `/`, which shows the data of the control API.
//!
//! The files of the page are compiled into the program and load only each other.

use http::{HeaderName, HeaderValue, Method, header};

use crate::response::{ApiResponse, Problem};

/// The content security policy. The page can load only its own files and contact only this emulator, and strings can never
/// become markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // Another version of the emulator may use the same address later.
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

struct File {
    /// Endpoint below `/_emulator/`. Empty for the page itself, which is also at `/`.
    endpoint: &'static str,
    media_type: &'static str,
    text: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

#[rustfmt::skip]
static FILES: &[File] = &[
    File { endpoint: "", media_type: HTML, text: include_str!("index.html") },
    File { endpoint: "page/style.css", media_type: CSS, text: include_str!("style.css") },
    File { endpoint: "page/parts.css", media_type: CSS, text: include_str!("parts.css") },
    File { endpoint: "page/icon.svg", media_type: SVG, text: include_str!("icon.svg") },
    File { endpoint: "page/main.js", media_type: JAVASCRIPT, text: include_str!("main.js") },
    File { endpoint: "page/api.js", media_type: JAVASCRIPT, text: include_str!("api.js") },
    File { endpoint: "page/coverage.js", media_type: JAVASCRIPT, text: include_str!("coverage.js") },
    File { endpoint: "page/datasets.js", media_type: JAVASCRIPT, text: include_str!("datasets.js") },
    File { endpoint: "page/dom.js", media_type: JAVASCRIPT, text: include_str!("dom.js") },
    File { endpoint: "page/facts.js", media_type: JAVASCRIPT, text: include_str!("facts.js") },
    File { endpoint: "page/faults.js", media_type: JAVASCRIPT, text: include_str!("faults.js") },
    File { endpoint: "page/layout.js", media_type: JAVASCRIPT, text: include_str!("layout.js") },
    File { endpoint: "page/picture.js", media_type: JAVASCRIPT, text: include_str!("picture.js") },
    File { endpoint: "page/requests.js", media_type: JAVASCRIPT, text: include_str!("requests.js") },
    File { endpoint: "page/state.js", media_type: JAVASCRIPT, text: include_str!("state.js") },
];

/// Returns the page or one of its files, or `None` if the file does not exist. The server omits the body of a response to
/// HEAD.
pub(crate) fn file(endpoint: &str, method: &Method) -> Option<Result<ApiResponse, Problem>> {
    let file = FILES.iter().find(|file| file.endpoint == endpoint)?;
    if !matches!(*method, Method::GET | Method::HEAD) {
        let message = format!("{method} is not supported here; use GET");
        return Some(Err(Problem::method_not_allowed(message, "GET, HEAD")));
    }
    let response = ApiResponse::file(file.media_type, file.text);
    Some(Ok(HEADERS.into_iter().fold(response, |response, (name, value)| response.header(name, value))))
}
