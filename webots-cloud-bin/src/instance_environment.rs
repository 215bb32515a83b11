//! The environment of an instance: only what Webots needs, nothing is inherited (contract, 6).

use std::path::Path;

use webots_cloud_core::protocol::instance::Dialect;

/// Passed on from the server's own environment where they are set: the display, the language, and
/// what GPU drivers look at.
const PASSED_ON: &[&str] = &[
    "DISPLAY",
    "XAUTHORITY",
    "WAYLAND_DISPLAY",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_NUMERIC",
    "TZ",
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "__GLX_VENDOR_LIBRARY_NAME",
    "__NV_PRIME_RENDER_OFFLOAD",
    "LIBGL_ALWAYS_SOFTWARE",
    "LIBGL_DRIVERS_PATH",
    "MESA_GL_VERSION_OVERRIDE",
    "QT_QPA_PLATFORM",
];

/// Where programs are looked for if the server itself has no `PATH`.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The variables that every instance gets; the machine adds the folders of its workspace.
///
/// In the legacy dialect Webots itself puts controllers into firejail where it is told to (W3.11).
pub(crate) fn instance_environment(webots_home: &Path, dialect: Dialect) -> Vec<(String, String)> {
    let variable = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|value| (name.to_owned(), value))
    };
    let mut environment: Vec<_> = PASSED_ON.iter().copied().filter_map(variable).collect();
    if !environment.iter().any(|(name, _)| name == "DISPLAY") {
        environment.push(("DISPLAY".to_owned(), ":0".to_owned()));
    }
    let path = variable("PATH").unwrap_or_else(|| ("PATH".to_owned(), USUAL_PATH.to_owned()));
    environment.push(path);
    environment.push((
        "WEBOTS_HOME".to_owned(),
        webots_home.to_string_lossy().into_owned(),
    ));
    if dialect == Dialect::Legacy && Path::new("/usr/bin/firejail").exists() {
        environment.push(("WEBOTS_FIREJAIL_CONTROLLERS".to_owned(), "1".to_owned()));
    }
    environment
}
