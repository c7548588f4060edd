//! What the page looks like: in both colour schemes, from a telephone to a wide screen.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Stage;

/// Finds texts that stand out too little from what is behind them.
const CONTRAST: &str = include_str!("contrast.js");
/// Finds datasets and labels of the picture that cover each other.
const OVERLAPS: &str = include_str!("overlaps.js");

/// Widths and heights of windows.
const SIZES: [(u32, u32); 4] = [(360, 760), (820, 1100), (1440, 900), (1920, 1080)];

/// Looks at the page at every size in both schemes, and keeps a picture of each.
pub(super) fn everywhere(stage: &Stage<'_>, name: &str) -> Result<(), String> {
    let mut backgrounds = Vec::new();
    for dark in [false, true] {
        for (width, height) in SIZES {
            stage.browser.look(width, height, dark)?;
            let scheme = if dark { "dark" } else { "light" };
            let at = format!("{name}-{width}-{scheme}");
            // The picture is drawn anew for its new place before the next frame but one.
            stage.browser.wait(&at, &format!("innerWidth === {width}"))?;
            photograph(stage, &at)?;
            let sideways = "const { scrollWidth, clientWidth } = document.documentElement; return scrollWidth - clientWidth";
            let sideways = stage.browser.run(sideways, &json!([]))?;
            if sideways != 0 {
                return Err(format!(
                    "{at}: the page is {sideways} pixels too wide; it must not scroll sideways"
                ));
            }
            nothing(&at, "texts that are hard to read", &stage.browser.run(CONTRAST, &json!([]))?)?;
            nothing(
                &at,
                "parts of the picture that cover each other",
                &stage.browser.run(OVERLAPS, &json!([]))?,
            )?;
        }
        backgrounds
            .push(stage.browser.run("return getComputedStyle(document.body).backgroundColor", &json!([]))?);
    }
    if backgrounds.first() == backgrounds.get(1) {
        return Err(format!("light and dark look alike: {backgrounds:?}"));
    }
    stage.browser.look(1440, 900, false)
}

/// Keeps a picture of what is shown now.
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
