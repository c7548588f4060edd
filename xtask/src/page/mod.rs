//! `cargo xtask page`: the emulator's page in a real browser.
//!
//! Everything is asked of the page as a person would see it: the texts, the picture, what changes when something
//! happens, and what it loads. The pictures of it are put into `target/page/`, to be looked at.

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

/// A key that must not be seen anywhere on the page.
const KEY: &str = "key-of-the-page-test";

/// What the scenes of the story share.
struct Stage<'a> {
    api: Api,
    browser: Browser,
    /// Where pictures go.
    folder: &'a Path,
}

pub(crate) fn run(root: &Path) -> Result<(), String> {
    let begun = Instant::now();
    let folder = emulator::target(root).join("page");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let served = Served::start(root, "127.0.0.1:0", KEY)?;
    let stage =
        Stage { api: Api::new(&served.origin, KEY)?, browser: Browser::start(&folder)?, folder: &folder };
    for (name, scene) in story::SCENES {
        let begun = Instant::now();
        scene(&stage).map_err(|error| format!("page: {name}: {error}"))?;
        println!("page: {name}: {} ms", begun.elapsed().as_millis());
    }
    drop(served);
    seen::gone(&stage).map_err(|error| format!("page: when the emulator has gone: {error}"))?;
    let address = stage.api.origin.trim_start_matches("http://");
    let _another = Served::start(root, address, KEY)?;
    seen::back(&stage).map_err(|error| format!("page: when another one has come: {error}"))?;
    println!("page: all in {:.1} s; pictures are in {}", begun.elapsed().as_secs_f64(), folder.display());
    Ok(())
}
