use serde_json::json;

use super::{ClientMessage, Init, ViewMode};

/// The text frame for a message, as a client sends it; unlike the clients of 2018 to 2021, with
/// everything escaped that has to be.
pub fn encode(message: &ClientMessage) -> String {
    match message {
        ClientMessage::Init(init) => encode_init(init),
        ClientMessage::Start(start) => encode_start(&start.url.to_string(), start.mode),
        ClientMessage::ResetController(file) => {
            json!({ "reset controller": file.to_string() }).to_string()
        }
    }
}

/// `{"init":[…]}` with all nine items (W2.3).
pub fn encode_init(init: &Init) -> String {
    json!({ "init": [
        init.host,
        init.project,
        init.world,
        init.user1.id,
        init.user1.name,
        init.user1.authentication.expose(),
        init.user2.id,
        init.user2.name,
        init.custom_data,
    ]})
    .to_string()
}

/// `{"start":{"url":…}}`, with `"mode":"mjpeg"` if so; clients send no other mode (W2.5).
pub fn encode_start(url: &str, mode: ViewMode) -> String {
    match mode {
        ViewMode::Scene => json!({ "start": { "url": url } }),
        ViewMode::Mjpeg => json!({ "start": { "url": url, "mode": "mjpeg" } }),
    }
    .to_string()
}
