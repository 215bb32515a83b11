use std::path::{Path, PathBuf};

/// The GPU devices of this machine, for [`SandboxConfig::devices`](super::SandboxConfig::devices).
/// Reads `/dev`: ask once.
pub fn gpu_devices() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("/dev").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_gpu))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Mesa's, NVIDIA's, and the compute devices of AMD and of Windows' Linux.
fn is_gpu(name: &str) -> bool {
    matches!(name, "dri" | "kfd" | "dxg") || name.starts_with("nvidia")
}

/// The socket of the X server that `DISPLAY` names, for
/// [`SandboxConfig::display`](super::SandboxConfig::display). `None` if it is on another machine, or
/// makes no sense.
pub fn x11_socket(display: &str) -> Option<PathBuf> {
    let display = display.strip_prefix("unix").unwrap_or(display);
    let number = display.strip_prefix(':')?;
    let number = number.split_once('.').map_or(number, |(number, _)| number);
    let number: u32 = number.parse().ok()?;
    Some(Path::new("/tmp/.X11-unix").join(format!("X{number}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays() {
        for (display, socket) in [
            (":0", Some("/tmp/.X11-unix/X0")),
            (":12.1", Some("/tmp/.X11-unix/X12")),
            ("unix:3", Some("/tmp/.X11-unix/X3")),
            ("localhost:10.0", None),
            (":", None),
            (":../x", None),
            ("", None),
        ] {
            assert_eq!(x11_socket(display), socket.map(PathBuf::from), "{display}");
        }
    }

    #[test]
    fn devices() {
        for (name, gpu) in [
            ("dri", true),
            ("nvidia0", true),
            ("nvidia-uvm", true),
            ("kfd", true),
            ("sda", false),
            ("null", false),
        ] {
            assert_eq!(is_gpu(name), gpu, "{name}");
        }
    }
}
