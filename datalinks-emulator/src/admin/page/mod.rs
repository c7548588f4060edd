//! The page at `/`: files that are part of the program, load nothing but each other, and show what the places
//! below `/_emulator/` tell.

use http::{HeaderName, HeaderValue, Method, header};

use crate::response::{Answer, Problem};

/// What a browser may do with the page: show it and its own files, ask this emulator, and nothing else. Text can
/// never become markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // Another emulator may run here tomorrow.
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

struct File {
    /// Behind `/_emulator/`; empty is `/` as well.
    place: &'static str,
    media_type: &'static str,
    text: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

#[rustfmt::skip]
static FILES: &[File] = &[
    File { place: "", media_type: HTML, text: include_str!("index.html") },
    File { place: "page/style.css", media_type: CSS, text: include_str!("style.css") },
    File { place: "page/parts.css", media_type: CSS, text: include_str!("parts.css") },
    File { place: "page/icon.svg", media_type: SVG, text: include_str!("icon.svg") },
    File { place: "page/main.js", media_type: JAVASCRIPT, text: include_str!("main.js") },
    File { place: "page/api.js", media_type: JAVASCRIPT, text: include_str!("api.js") },
    File { place: "page/coverage.js", media_type: JAVASCRIPT, text: include_str!("coverage.js") },
    File { place: "page/datasets.js", media_type: JAVASCRIPT, text: include_str!("datasets.js") },
    File { place: "page/dom.js", media_type: JAVASCRIPT, text: include_str!("dom.js") },
    File { place: "page/facts.js", media_type: JAVASCRIPT, text: include_str!("facts.js") },
    File { place: "page/faults.js", media_type: JAVASCRIPT, text: include_str!("faults.js") },
    File { place: "page/layout.js", media_type: JAVASCRIPT, text: include_str!("layout.js") },
    File { place: "page/picture.js", media_type: JAVASCRIPT, text: include_str!("picture.js") },
    File { place: "page/requests.js", media_type: JAVASCRIPT, text: include_str!("requests.js") },
    File { place: "page/state.js", media_type: JAVASCRIPT, text: include_str!("state.js") },
];

/// The page or one of its files. `None`: there is no such file. The server leaves out the body of a response to HEAD.
pub(crate) fn file(place: &str, method: &Method) -> Option<Result<Answer, Problem>> {
    let file = FILES.iter().find(|file| file.place == place)?;
    if !matches!(*method, Method::GET | Method::HEAD) {
        let message = format!("{method} is nothing here; use GET");
        return Some(Err(Problem::method_not_allowed(message, "GET, HEAD")));
    }
    let answer = Answer::file(file.media_type, file.text);
    Some(Ok(HEADERS.into_iter().fold(answer, |answer, (name, value)| answer.header(name, value))))
}
