use proptest::prelude::*;

use super::*;
use crate::protocol::client::encode;
use crate::protocol::segment::SegmentFault;
use crate::protocol::start_url::StartUrlError;

fn init(frame: &str) -> Init {
    match decode(frame) {
        Ok(ClientMessage::Init(init)) => *init,
        other => panic!("{frame}: {other:?}"),
    }
}

#[test]
fn the_stock_clients_of_2018_are_understood() {
    let init = init(
        r#"{ "init" : [ "https://robotbenchmark.net", "robotbenchmark/pit_escape", "pit_escape.wbt", "12", "Ada", "5f4d", "", "", "a b" ] }"#,
    );
    assert_eq!(init.host, "https://robotbenchmark.net");
    assert_eq!(init.project, "robotbenchmark/pit_escape");
    assert_eq!(init.world, "pit_escape.wbt");
    assert_eq!(init.user1.id, "12");
    assert_eq!(init.user1.name, "Ada");
    assert_eq!(init.user1.authentication.expose(), "5f4d");
    assert!(init.user1.is_somebody() && !init.user2.is_somebody());
    assert!(init.edits_controllers());
    assert_eq!(init.custom_data, "a b");
}

#[test]
fn missing_items_are_empty_and_numbers_are_their_digits() {
    let anonymous = init(r#"{"init":["http://localhost:8080/","p","w.wbt"]}"#);
    assert_eq!(anonymous.host, "http://localhost:8080");
    assert_eq!(anonymous.user1, User::default());
    assert!(anonymous.edits_controllers());
    for (id, text) in [
        ("12", "12"),
        ("12.0", "12"),
        ("-3", "-3"),
        ("1e3", "1000"),
        ("null", ""),
    ] {
        let frame = format!(r#"{{"init":["http://h","p","w.wbt",{id}]}}"#);
        assert_eq!(init(&frame).user1.id, text, "{id}");
    }
    let spectator = init(r#"{"init":["http://h","p","w.wbt",12]}"#);
    assert!(!spectator.edits_controllers());
    assert_eq!(
        init(r#"{"init":["file://","p","w.wbt","0"]}"#).host,
        "file://"
    );
}

#[test]
fn start_and_reset_are_understood() {
    for (mode, expected) in [
        ("", ViewMode::Scene),
        (r#","mode":null"#, ViewMode::Scene),
        (r#","mode":"x3d""#, ViewMode::Scene),
        (r#","mode":"w3d""#, ViewMode::Scene),
        (r#","mode":"mjpeg""#, ViewMode::Mjpeg),
    ] {
        let frame = format!(
            r#"{{"start":{{"url":"https://github.com/o/r/blob/main/worlds/x.wbt"{mode}}}}}"#
        );
        let Ok(ClientMessage::Start(start)) = decode(&frame) else {
            panic!("{frame}");
        };
        assert_eq!(start.mode, expected);
    }
    assert_eq!(
        decode(r#"{"reset controller":"braitenberg/braitenberg.py"}"#),
        Ok(ClientMessage::ResetController(ControllerFile {
            directory: "braitenberg".into(),
            file: "braitenberg.py".into(),
        }))
    );
    // The order of W2.2.
    let both = r#"{"start":{},"reset controller":"a/b","init":["http://h","p","w.wbt"],"x":1}"#;
    assert!(matches!(decode(both), Ok(ClientMessage::Init(_))));
}

#[test]
fn what_is_not_understood_is_refused_with_a_reason() {
    let item = |field, fault| FrameError::InitItem { field, fault };
    let controller = |fault| FrameError::ControllerFile { fault };
    let long_name = format!(
        r#"{{"init":["http://h","p","w.wbt",1,"{}"]}}"#,
        "x".repeat(256)
    );
    let long_data = format!(
        r#"{{"init":["http://h","p","w.wbt",1,2,3,4,5,"{}"]}}"#,
        "x".repeat(MAX_CUSTOM_DATA + 1)
    );
    let cases = [
        ("5", FrameError::Unknown),
        ("[]", FrameError::Unknown),
        ("{}", FrameError::Unknown),
        (r#"{"stop":1}"#, FrameError::Unknown),
        (r#"{"init":{}}"#, FrameError::InitShape),
        (r#"{"init":["http://h","p"]}"#, FrameError::InitShape),
        (r#"{"init":[0,1,2,3,4,5,6,7,8,9]}"#, FrameError::InitShape),
        (
            r#"{"init":["ftp://h","p","w.wbt"]}"#,
            item("host", FieldFault::Origin),
        ),
        (
            r#"{"init":["http://h/x","p","w.wbt"]}"#,
            item("host", FieldFault::Origin),
        ),
        (
            r#"{"init":["http://h?x","p","w.wbt"]}"#,
            item("host", FieldFault::Origin),
        ),
        (
            r#"{"init":["http://::1","p","w.wbt"]}"#,
            item("host", FieldFault::Origin),
        ),
        (
            r#"{"init":["http://robotbenchmark.net:80@evil.example","p","w.wbt"]}"#,
            item("host", FieldFault::Origin),
        ),
        (
            r#"{"init":["file://","p","w.wbt",3]}"#,
            item("host", FieldFault::FileOrigin),
        ),
        (
            r#"{"init":["http://h","../p","w.wbt"]}"#,
            item("project", SegmentFault::Dots.into()),
        ),
        (
            r#"{"init":["http://h","/p","w.wbt"]}"#,
            item("project", SegmentFault::Empty.into()),
        ),
        (
            r#"{"init":["http://h",null,"w.wbt"]}"#,
            item("project", SegmentFault::Empty.into()),
        ),
        (
            r#"{"init":["http://h","C:\\p","w.wbt"]}"#,
            item("project", SegmentFault::Colon.into()),
        ),
        (
            r#"{"init":["http://h","p","../w.wbt"]}"#,
            item("world", SegmentFault::Separator.into()),
        ),
        (
            r#"{"init":["http://h","p","w"]}"#,
            item("world", SegmentFault::NotAWorld.into()),
        ),
        (
            r#"{"init":["http://h","p","w.wbt",true]}"#,
            item("user1Id", FieldFault::Type),
        ),
        (
            r#"{"init":["http://h","p","w.wbt","a\nb"]}"#,
            item("user1Id", FieldFault::Control),
        ),
        (
            &long_name,
            item(
                "user1Name",
                FieldFault::TooLong {
                    limit: MAX_USER_FIELD,
                },
            ),
        ),
        (
            &long_data,
            item(
                "customData",
                FieldFault::TooLong {
                    limit: MAX_CUSTOM_DATA,
                },
            ),
        ),
        (r#"{"start":"https://x"}"#, FrameError::StartShape),
        (r#"{"start":{}}"#, FrameError::StartShape),
        (r#"{"start":{"url":5}}"#, FrameError::StartShape),
        (
            r#"{"start":{"url":"x","mode":"video\n"}}"#,
            FrameError::StartMode {
                mode: "video ".into(),
            },
        ),
        (
            r#"{"start":{"url":"ftp://x"}}"#,
            FrameError::StartUrl(StartUrlError::Protocol("ftp://x".into())),
        ),
        (r#"{"reset controller":5}"#, controller(FieldFault::Type)),
        (
            r#"{"reset controller":"a"}"#,
            controller(FieldFault::NotDirAndFile),
        ),
        (
            r#"{"reset controller":"a/b/c"}"#,
            controller(SegmentFault::Separator.into()),
        ),
        (
            r#"{"reset controller":"../b"}"#,
            controller(SegmentFault::Dots.into()),
        ),
        (
            r#"{"reset controller":"a/"}"#,
            controller(SegmentFault::Empty.into()),
        ),
    ];
    for (frame, error) in cases {
        assert_eq!(decode(frame), Err(error.clone()), "{frame}");
        assert_eq!(error.close_code(), 1008, "{frame}");
        assert!(error.to_string().len() > 20, "{error}");
    }
}

#[test]
fn broken_json_is_told_apart_and_secrets_stay_secret() {
    for frame in ["", "init", "{", r#"{"init":["a"b"]}"#, &"[".repeat(100_000)] {
        let error = decode(frame).expect_err("not JSON");
        assert_eq!(error.close_code(), 1007, "{error}");
    }
    let frame = r#"{"init":["http://h","p","w.wbt",1,2,"hunter2\n"]}"#;
    let error = decode(frame).expect_err("a control character");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert_eq!(FrameError::TooLarge { limit: 9 }.close_code(), 1009);
}

prop_compose! {
    fn user()(id in "[^\\p{Cc}]{0,9}", name in "[^\\p{Cc}]{0,20}") -> User {
        User { id, name, authentication: Secret::default() }
    }
}

prop_compose! {
    fn any_init()(
        project in "[a-z]{1,5}(/[a-z \"]{1,5}){0,3}", world in "[^\\p{Cc}/\\\\:.]{1,10}\\.wbt",
        user1 in user(), proof in "[^\\p{Cc}]{0,20}", user2 in user(), custom_data in any::<String>(),
    ) -> Init {
        Init {
            host: "https://example.org:1".into(), project, world, user2, custom_data,
            user1: User { authentication: Secret::new(proof), ..user1 },
        }
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(init in any_init()) {
        let message = ClientMessage::Init(Box::new(init));
        prop_assert_eq!(decode(&encode(&message)), Ok(message));
    }

    #[test]
    fn starts_come_back(folder in "[a-z#?% ]{1,8}", mjpeg in any::<bool>()) {
        let mode = if mjpeg { ViewMode::Mjpeg } else { ViewMode::Scene };
        let url = StartUrl::File(crate::protocol::start_url::FileWorld {
            project: format!("/srv/{folder}"),
            world: "x.wbt".into(),
        });
        let message = ClientMessage::Start(Start { url, mode });
        prop_assert_eq!(decode(&encode(&message)), Ok(message));
    }

    #[test]
    fn no_frame_panics(text in any::<String>()) {
        let _ = decode(&text);
        let _ = decode(&serde_json::json!({ "init": [text, text, text] }).to_string());
        let _ = decode(&serde_json::json!({ "start": { "url": text } }).to_string());
        let _ = decode(&serde_json::json!({ "reset controller": text }).to_string());
    }
}
