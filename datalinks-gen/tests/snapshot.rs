//! The reviewed snapshot equals the output of the build.

use std::{fs, path::Path};

#[test]
fn snapshot_equals_the_output_of_the_build() {
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshot");
    for file in ["api.rs", "enums.rs", "operations.rs", "proxy.rs"] {
        let made = fs::read_to_string(Path::new(env!("OUT_DIR")).join(file)).unwrap();
        let reviewed = fs::read_to_string(snapshot.join(file)).unwrap();
        assert!(made == reviewed, "snapshot/{file} is stale: run `cargo xtask regen`");
    }
    let files = fs::read_dir(snapshot).unwrap().count();
    assert_eq!(files, 4, "a file of the snapshot is not compared");
}
