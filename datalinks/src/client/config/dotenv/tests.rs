use proptest::prelude::*;

use super::*;

const NAMES: [&str; 2] = ["DL_HOST", "DL_API_KEY"];

/// A name, a file, and the values of `DL_HOST` and `DL_API_KEY` that python-dotenv reads from the file.
type Case = (&'static str, &'static str, Option<&'static str>, Option<&'static str>);

const CASES: &[Case] = &[
    ("byte-order mark", "\u{feff}DL_HOST=https://h/v1\nDL_API_KEY=k1\n", Some("https://h/v1"), Some("k1")),
    ("value with a space", "APP_TITLE=My app\nDL_API_KEY=k1\n", None, Some("k1")),
    ("name without =", "DEBUG\nDL_API_KEY=k1\n", None, Some("k1")),
    ("own name without =", "DL_HOST\nDL_API_KEY=k1\n", None, Some("k1")),
    ("JSON", "JSON={\"a\": 1}\nDL_API_KEY=k1\n", None, Some("k1")),
    ("apostrophe", "NOTE=it's\nDL_API_KEY=k1\n", None, Some("k1")),
    ("name with a dash", "my-key=1\nDL_API_KEY=k1\n", None, Some("k1")),
    ("dollar", "DL_API_KEY=ab$cd$$e$(f)\n", None, Some("ab$cd$$e$(f)")),
    ("dollar in double quotes", "DL_API_KEY=\"ab$cd\"\n", None, Some("ab$cd")),
    ("dollar in single quotes", "DL_API_KEY='ab$cd'\n", None, Some("ab$cd")),
    ("open brace", "DL_API_KEY=ab${cd\n", None, Some("ab${cd")),
    ("export", "export DL_API_KEY=k1\n", None, Some("k1")),
    ("export of nothing", "export\nDL_API_KEY=k1\n", None, Some("k1")),
    ("blanks", "  DL_API_KEY  =  k1  \n", None, Some("k1")),
    ("comment after a value", "DL_API_KEY=k1 # mine\n", None, Some("k1")),
    ("hash in a value", "DL_API_KEY=k#1\n", None, Some("k#1")),
    ("hash at the start", "DL_API_KEY=#k1\n", None, Some("#k1")),
    ("only a comment", "DL_API_KEY= # k1\n", None, Some("")),
    ("comment after quotes", "DL_API_KEY=\"k # 1\" # mine\n", None, Some("k # 1")),
    ("comment lines", "# DL_API_KEY=k0\n#\n  # x\nDL_API_KEY=k1\n", None, Some("k1")),
    ("single quotes", "DL_API_KEY='a\\nb\\'c\\\\d'\n", None, Some("a\\nb'c\\d")),
    ("double quotes", "DL_API_KEY=\"a\\nb\\tc\\\"d\\\\e\\qf\"\n", None, Some("a\nb\tc\"d\\e\\qf")),
    ("escaped backslash before the quote", "DL_API_KEY=\"a\\\\\"\n", None, Some("a\\")),
    ("several lines", "NOTE=\"a\nDL_API_KEY=k0\nb\"\nDL_API_KEY=k1\n", None, Some("k1")),
    ("CRLF", "DL_HOST=h\r\nDL_API_KEY=k1\r\n", Some("h"), Some("k1")),
    ("CR", "DL_HOST=h\rDL_API_KEY=k1", Some("h"), Some("k1")),
    ("empty", "DL_HOST=\nDL_API_KEY=\"\"\n", Some(""), Some("")),
    ("equals in a value", "DL_API_KEY=a=b==\n", None, Some("a=b==")),
    ("the last wins", "DL_API_KEY=k0\nDL_API_KEY=k1\n", None, Some("k1")),
    ("quoted name", "'DL_API_KEY'=k1\n", None, Some("k1")),
    ("small letters", "dl_api_key=k0\n", None, None),
    ("fragment", "DL_HOST=https://h/v1#x\n", Some("https://h/v1#x"), None),
    ("quote inside", "DL_API_KEY=a\"b\n", None, Some("a\"b")),
    ("no-break space", "DL_API_KEY=\u{a0}k1\u{a0}\n", None, Some("k1")),
    ("broken line of another", "NOTE=\"abc\nDL_API_KEY=k1\n", None, Some("k1")),
    ("text", "hello there, this is text\nDL_API_KEY=k1\n", None, Some("k1")),
    ("equals only", "=x\nDL_API_KEY=k1\n", None, Some("k1")),
    ("no line end", "DL_API_KEY=k1", None, Some("k1")),
];

/// Lines with spaces, JSON, apostrophes or dashes made the whole file an error, a byte-order mark hid the first variable,
/// and a `$` truncated a value silently, so that a wrong key was sent.
///
/// Regression 12.
#[test]
fn files_are_read_as_python_dotenv_reads_them() {
    for (what, text, host, key) in CASES {
        let entries = parse(text, &NAMES);
        let value = |name| match entries.get(name) {
            Some(Entry::Value(value)) => Some(value.as_str()),
            None => None,
            Some(Entry::Broken(broken)) => panic!("{what}: {broken:?}"),
        };
        assert_eq!((value("DL_HOST"), value("DL_API_KEY")), (*host, *key), "{what}");
    }
}

#[test]
fn invalid_line_of_a_known_variable_is_located_and_not_shown() {
    for (text, line, part) in [
        ("# note\nDL_API_KEY=\"canary\n", 2, "not closed"),
        ("A=1\r\nB=2\r\nexport DL_API_KEY='canary\r\n", 3, "not closed"),
        ("DL_API_KEY=\"canary\" canary\n", 1, "after the closing quote"),
        ("DL_API_KEY canary\n", 1, "no ="),
        ("DL_API_KEY=canary${HOME}\n", 1, "does not expand"),
        ("\n\nDL_API_KEY=canary\u{fffd}\n", 3, "not UTF-8"),
        ("NOTE=\"it is\nDL_API_KEY=canary\nOTHER=\"x\"\n", 2, "inside quotes"),
        ("DL_API_KEY='canary\nDL_API_KEY=canary\n", 1, "not closed"),
    ] {
        let entries = parse(text, &NAMES);
        let Some(Entry::Broken(broken)) = entries.get("DL_API_KEY") else { panic!("{text:?}: {entries:?}") };
        let error = broken.error(Path::new("a/.env"), "DL_API_KEY");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(&format!("a/.env, line {line}: DL_API_KEY")), "{text:?}: {shown}");
        assert!(shown.contains(part) && !shown.contains("canary"), "{text:?}: {shown}");
    }
}

#[test]
fn unreadable_file_is_an_error_and_a_directory_is_ignored() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(".env");
    assert!(read(&path, &NAMES).unwrap().is_empty());
    std::fs::create_dir(&path).unwrap();
    assert!(read(&path, &NAMES).unwrap().is_empty());
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, b"# caf\xe9\nDL_API_KEY=k1\n").unwrap();
    assert_eq!(read(&path, &NAMES).unwrap()["DL_API_KEY"], Entry::Value("k1".into()));
    std::fs::write(&path, vec![b'#'; 1024 * 1024 + 1]).unwrap();
    assert!(read(&path, &NAMES).unwrap_err().to_string().contains("larger than 1048576 bytes"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quoted_value_is_parsed_unchanged(value in "[^\u{0}\u{fffd}${}]{0,20}", before in "(# [^\r\n]{0,9}\n|A=[a-z][a-z' ]{0,9}\n|\n){0,3}") {
        let escaped = value.replace('\\', r"\\").replace('\'', r"\'");
        let entries = parse(&format!("{before}DL_API_KEY='{escaped}'  # note\nDL_HOST=h"), &NAMES);
        let (key, host) = (Entry::Value(value), Entry::Value("h".to_owned()));
        prop_assert_eq!(entries.get("DL_API_KEY"), Some(&key));
        prop_assert_eq!(entries.get("DL_HOST"), Some(&host));
    }

    #[test]
    fn parser_terminates_on_any_text(text in "(DL_API_KEY|DL_HOST|export|=|\"|'|\\\\|#|\\$|\\{|\\}| |\n|\r|é|\u{85}|a){0,40}") {
        parse(&text, &NAMES);
    }
}
