//! Manual pages and completions.

use std::process::Command;

use crate::support::{World, text};

#[test]
fn every_command_has_a_manual_page() {
    let world = World::new();
    let pages = world.home.path().join("man1");
    world.ok(&["man", "--dir", text(&pages)]);
    for page in ["datalinks", "datalinks-whoami", "datalinks-dataset-delete", "datalinks-emulator-exec"] {
        let page = std::fs::read_to_string(pages.join(format!("{page}.1"))).unwrap();
        assert!(page.starts_with(".ie") || page.starts_with(".TH"), "{page}");
        assert!(page.contains("profile"), "options of the program are missing in {page}");
    }
    let page = world.ok(&["man", "dataset", "list"]);
    assert!(page.contains("datalinks dataset list"), "{page}");
    let ran = world.run(&["man", "datset"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("did you mean \"dataset\"?"), "{}", ran.err);
}

#[test]
fn completions_are_valid_scripts() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = world.ok(&["completions", shell]);
        assert!(script.contains("whoami") && script.contains("profile"), "{shell}");
        let file = world.file(&format!("completions.{shell}"), &script);
        // Shells that are not installed are not tried.
        if let Ok(output) = Command::new(shell).arg("-n").arg(&file).output() {
            assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn every_command_has_a_page_of_the_documentation() {
    let world = World::new();
    let pages: std::collections::BTreeMap<String, String> =
        serde_json::from_str(&world.ok(&["man", "--markdown"])).unwrap();
    for page in ["whoami", "dataset", "usage"] {
        let text = &pages[page];
        assert!(text.starts_with(&format!("# datalinks {page}\n")), "{text}");
        assert!(text.contains("datalinks ") && text.contains("Example"), "{text}");
        assert!(!text.contains("--profile"), "options of the program are on their own page: {text}");
        assert!(pages["cli"].contains(&format!("](cli/{page}.md)")), "{page}");
    }
    assert!(pages["cli"].contains("- `-o, --output <FORMAT>`: Format of the output"), "{}", pages["cli"]);
    assert!(pages["dataset"].contains("\n## datalinks dataset delete\n"), "{}", pages["dataset"]);
}
