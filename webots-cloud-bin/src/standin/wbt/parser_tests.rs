//! What the parser takes and refuses.

use super::*;

const HEADER: &str = "#VRML_SIM R2023b utf8\n";

fn parsed(body: &str) -> Result<ParsedWorld, WbtError> {
    parse(&format!("{HEADER}{body}"))
}

#[test]
fn a_small_world() {
    let world = parsed(
        "EXTERNPROTO \"https://example.org/A.proto\"\nIMPORTABLE EXTERNPROTO \"b.proto\"\n\
         WorldInfo { title \"t\" basicTimeStep 16 info [ \"a\", \"b\" ] }\n\
         DEF R Robot { translation 1 2 3 supervisor TRUE children [ DEF S Shape {} USE S ] hidden x_0 1 }",
    )
    .unwrap();
    assert_eq!(world.version, "R2023b");
    assert_eq!(world.nodes.len(), 2);
    let robot = &world.nodes[1];
    assert_eq!(
        (robot.def.as_deref(), robot.kind.as_str(), robot.height),
        (Some("R"), "Robot", 2)
    );
    assert!(matches!(robot.field("translation"), Some(Value::Numbers(n)) if n == &[1.0, 2.0, 3.0]));
    let Some(Value::Nodes(children)) = robot.field("children") else {
        panic!("no children")
    };
    assert!(Arc::ptr_eq(&children[0], &children[1]));
    assert!(robot.field("x_0").is_some());
}

#[test]
fn errors_name_their_place() {
    for (body, place) in [
        ("Robot {", (2, 1)),
        ("Robot { a [ 1 \"x\" ] }", (2, 11)),
        ("Robot ]", (2, 7)),
        ("}", (2, 1)),
        ("3", (2, 1)),
        ("Robot {\n a }", (3, 4)),
        ("EXTERNPROTO 1", (2, 13)),
        ("DEF", (2, 1)),
    ] {
        let error = parsed(body).unwrap_err();
        assert_eq!((error.line, error.column), place, "{body}: {error}");
    }
    assert!(parse("hello").is_err());
    assert!(parse("").is_err());
}

#[test]
fn nesting_is_bounded_even_through_use() {
    let deep = format!("{}{}", "A { b ".repeat(70), "NULL }".repeat(70));
    assert!(parsed(&deep).unwrap_err().message.contains("deep"));
    let mut chain = String::from("DEF N0 A { }\n");
    for i in 1..80 {
        chain.push_str(&format!("DEF N{i} A {{ b USE N{} }}\n", i - 1));
    }
    assert!(parsed(&chain).unwrap_err().message.contains("deep"));
}

#[test]
fn a_use_of_nothing_is_a_warning() {
    let world = parsed("A { b USE C c [ USE D ] }").unwrap();
    assert_eq!(world.warnings.len(), 2);
}

#[test]
fn odd_texts_never_panic() {
    let sample = "DEF R Robot { translation 1 -2e3 3 name \"é\\\"\" children [ Shape { } USE R ] }";
    for end in (0..=sample.len()).filter(|&i| sample.is_char_boundary(i)) {
        let _ = parsed(&sample[..end]);
        let _ = parsed(&sample[end..]);
    }
}
