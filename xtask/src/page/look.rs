//! The layout of the page in both color schemes, from a telephone to a wide screen.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Stage;

/// A script that finds texts with too little contrast.
const CONTRAST: &str = include_str!("contrast.js");
/// A script that finds overlapping datasets and labels in the picture.
const OVERLAPS: &str = include_str!("overlaps.js");

/// Widths and heights of windows.
const SIZES: [(u32, u32); 4] = [(360, 760), (820, 1100), (1440, 900), (1920, 1080)];

/// Checks the page at every size in both color schemes and saves a screenshot of each.
pub(super) fn everywhere(stage: &Stage<'_>, name: &str) -> Result<(), String> {
    let mut backgrounds = Vec::new();
    for dark in [false, true] {
        for (width, height) in SIZES {
            stage.browser.look(width, height, dark)?;
            let scheme = if dark { "dark" } else { "light" };
            let at = format!("{name}-{width}-{scheme}");
            // The picture is redrawn before the next frame but one.
            stage.browser.wait(&at, &format!("innerWidth === {width}"))?;
            photograph(stage, &at)?;
            let sideways = "const { scrollWidth, clientWidth } = document.documentElement; return scrollWidth - clientWidth";
            let sideways = stage.browser.run(sideways, &json!([]))?;
            if sideways != 0 {
                return Err(format!(
                    "{at}: the page is {sideways} pixels too wide; it must not scroll horizontally"
                ));
            }
            nothing(&at, "texts with too little contrast", &stage.browser.run(CONTRAST, &json!([]))?)?;
            nothing(&at, "overlapping parts of the picture", &stage.browser.run(OVERLAPS, &json!([]))?)?;
        }
        backgrounds
            .push(stage.browser.run("return getComputedStyle(document.body).backgroundColor", &json!([]))?);
    }
    if backgrounds.first() == backgrounds.get(1) {
        return Err(format!("light and dark look alike: {backgrounds:?}"));
    }
    stage.browser.look(1440, 900, false)
}

/// Saves a screenshot.
pub(super) fn photograph(stage: &Stage<'_>, name: &str) -> Result<(), String> {
    let path = stage.folder.join(format!("{name}.png"));
    let picture = STANDARD.decode(stage.browser.screenshot()?).map_err(|error| format!("{name}: {error}"))?;
    std::fs::write(&path, picture).map_err(|error| format!("{}: {error}", path.display()))
}

fn nothing(at: &str, what: &str, found: &Value) -> Result<(), String> {
    match found.as_array() {
        Some(list) if list.is_empty() => Ok(()),
        _ => Err(format!("{at}: {what}: {found}")),
    }
}
