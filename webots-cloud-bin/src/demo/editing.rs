//! The part of `demo --check` with a user who changes a controller on the website, runs it, and resets
//! it.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderValue, Method};
use url::form_urlencoded::Serializer;
use webots_cloud_core::protocol::client::User;
use webots_cloud_core::secret::Secret;

use super::check_error::{CheckError, Step, unexpected};
use super::config::DemoUser;
use super::report::{LIMIT, Report};
use crate::client::{ClientSocket, request_with};

/// What the changed controller prints.
const WORDS: &str = "the changed controller runs";

/// The demo's user, as its page would name them.
pub(super) fn user() -> User {
    User {
        id: DemoUser::ID.to_owned(),
        name: "Student".to_owned(),
        authentication: Secret::new(DemoUser::PASSWORD),
    }
}

/// A controller that says so, and then does nothing until it is ended: one that ends by itself would
/// be reported at any time.
fn changed() -> String {
    format!(
        "from controller import Robot\nrobot = Robot()\nprint('{WORDS}', flush=True)\n\
         while robot.step(int(robot.getBasicTimeStep())) != -1:\n    pass\n"
    )
}

/// Saves a controller on the website, as the editor of a page does.
pub(super) async fn save_controller(report: &mut Report, website: &str) -> Result<(), CheckError> {
    let step = "save a changed controller";
    let form = Serializer::new(String::new())
        .append_pair("dirname", "simple/controllers/wander")
        .append_pair("filename", "wander.py")
        .append_pair("content", &changed())
        .finish();
    let cookies = format!("email={}; password={}", DemoUser::EMAIL, DemoUser::PASSWORD);
    let cookies =
        HeaderValue::try_from(cookies).map_err(|error| unexpected(step, error.to_string()))?;
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(COOKIE, cookies);
    let url = format!("{website}/ajax/upload-file.php");
    let reply = request_with(Method::POST, &url, headers, Bytes::from(form))
        .await
        .at(step)?;
    let said = String::from_utf8_lossy(reply.body());
    if said != "OK" {
        return Err(unexpected(step, said));
    }
    report.done(step, "the website host says OK");
    Ok(())
}

/// The changed controller runs, and after a reset the original.
pub(super) async fn run_and_restore(
    report: &mut Report,
    client: &mut ClientSocket,
    scene: &mut ClientSocket,
) -> Result<(), CheckError> {
    let step = "run the changed controller";
    scene.send("real-time:-1").await.at(step)?;
    hear(scene, step, WORDS).await?;
    report.done(step, format!("it says {WORDS:?}"));

    let step = "reset the controller";
    client
        .send(r#"{"reset controller":"wander/wander.py"}"#)
        .await
        .at(step)?;
    let done = |it: &str| it.starts_with("reset controller: ");
    let answer = client.expect("the answer", LIMIT, done).await.at(step)?;
    scene.send("reset").await.at(step)?;
    hear(scene, step, " starts").await?;
    report.done(step, format!("{answer}; the original runs"));
    Ok(())
}

/// Waits until the controller prints these words; if it complains instead, that is why.
async fn hear(scene: &mut ClientSocket, step: &'static str, words: &str) -> Result<(), CheckError> {
    let speaks =
        |it: &str| it.starts_with("stderr:") || it.starts_with("stdout:") && it.contains(words);
    let said = scene
        .expect("what the controller prints", LIMIT, speaks)
        .await
        .at(step)?;
    match said.strip_prefix("stderr:") {
        None => Ok(()),
        Some(why) => {
            let why = format!("{} (the sample robots need Python 3)", why.trim());
            Err(unexpected(step, why))
        }
    }
}
