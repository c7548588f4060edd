//! `cargo xtask interop`: the published Python client against the emulator.

use std::path::Path;

use crate::{emulator::Emulator, python::Environment};

/// The versions of the client that are driven, each in an environment of its own.
const VERSIONS: [&str; 2] = ["2.2.0", "1.2.8"];

/// Drives every version of the client against an emulator of its own.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    for version in VERSIONS {
        let requirements = format!("tests/interop/requirements-{version}.txt");
        let environment = Environment::prepare(root, &format!("interop-{version}"), &requirements)?;
        let emulator = Emulator::start(root)?;
        println!("datalinks {version} against {}", emulator.setting("DL_HOST")?);
        let mut driver = environment.python();
        driver.arg(root.join("tests/interop/run.py"));
        emulator.settings_for(&mut driver);
        let status =
            driver.status().map_err(|error| format!("the driver of datalinks {version}: {error}"))?;
        if !status.success() {
            return Err(format!("datalinks {version} does not get on with the emulator; see above"));
        }
    }
    Ok(())
}
