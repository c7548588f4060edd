//! `cargo xtask page`: tests of the emulator's page in a real browser.
//!
//! The tests read the page as a person sees it: texts, picture, changes after events, and loaded resources.
//! Screenshots are saved in `target/page/`.

mod api;
mod done;
mod driver;
mod look;
mod seen;
mod served;
mod shown;
mod story;

use std::path::Path;
use std::time::Instant;

use crate::emulator;
use api::Api;
use driver::Browser;
use served::Served;

/// A key that must not appear on the page.
const KEY: &str = "key-of-the-page-test";

/// The state that the scenes share.
struct Stage<'a> {
    api: Api,
    browser: Browser,
    /// The directory of screenshots.
    folder: &'a Path,
}

pub(crate) fn run(root: &Path) -> Result<(), String> {
    let start = Instant::now();
    let folder = emulator::target(root).join("page");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let served = Served::start(root, "127.0.0.1:0", KEY)?;
    let stage =
        Stage { api: Api::new(&served.origin, KEY)?, browser: Browser::start(&folder)?, folder: &folder };
    for (name, scene) in story::SCENES {
        let start = Instant::now();
        scene(&stage).map_err(|error| format!("page: {name}: {error}"))?;
        println!("page: {name}: {} ms", start.elapsed().as_millis());
    }
    drop(served);
    seen::gone(&stage).map_err(|error| format!("page: after the emulator has stopped: {error}"))?;
    let address = stage.api.origin.trim_start_matches("http://");
    let _another = Served::start(root, address, KEY)?;
    seen::back(&stage).map_err(|error| format!("page: after another emulator has started: {error}"))?;
    println!("page: done in {:.1} s; screenshots are in {}", start.elapsed().as_secs_f64(), folder.display());
    Ok(())
}
