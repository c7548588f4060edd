//! The `.env` file of the working directory.

use std::{collections::HashMap, path::Path};

use crate::{Error, ErrorKind};

/// The variables of the file; none when there is no file. The process's environment is not changed.
pub(super) fn read(path: &Path) -> Result<HashMap<String, String>, Error> {
    if !path.is_file() {
        return Ok(HashMap::new());
    }
    let unreadable = |error: dotenvy::Error| {
        // The library's message may repeat the line, and the line may hold the key.
        let what = match &error {
            dotenvy::Error::LineParse(_, position) => {
                format!("{} has a line that cannot be parsed, near character {position}", path.display())
            }
            _ => format!("{} cannot be read", path.display()),
        };
        Error::new(ErrorKind::Config, what).advice("mend or remove the file; each line is NAME=value")
    };
    dotenvy::from_path_iter(path).map_err(unreadable)?.map(|line| line.map_err(unreadable)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_variables_and_never_repeats_a_bad_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        assert!(read(&path).unwrap().is_empty());
        std::fs::write(&path, "DL_HOST=https://example.com/api/v1\n# note\nexport DL_API_KEY='abc'\n")
            .unwrap();
        let vars = read(&path).unwrap();
        assert_eq!(vars["DL_API_KEY"], "abc");
        std::fs::write(&path, "DL_API_KEY=\"canary\n").unwrap();
        let error = read(&path).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}
