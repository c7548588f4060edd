//! Generates the two clients at build time from the derived documents in `spec/`, with the feature `generate`.

#[cfg(feature = "generate")]
#[path = "codegen/mod.rs"]
mod codegen;

#[cfg(feature = "generate")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::{env, fs, path::Path};

    println!("cargo::rerun-if-changed=codegen");
    println!("cargo::rerun-if-changed=spec");
    let api = fs::read_to_string("spec/api.json")?;
    let proxy = fs::read_to_string("spec/proxy.json")?;
    let out = env::var("OUT_DIR")?;
    for module in codegen::generate(&api, &proxy)? {
        fs::write(Path::new(&out).join(module.file), module.text)?;
    }
    Ok(())
}

/// The library compiles `snapshot/`.
#[cfg(not(feature = "generate"))]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
