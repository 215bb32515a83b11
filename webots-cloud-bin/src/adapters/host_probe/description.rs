use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// What this machine is, for people: operating system, processor, cores and memory, like
/// `Debian GNU/Linux 12, AMD EPYC 7B13, 2 cores, 24 GiB of memory`. What is not known is left out.
///
/// Reads a few files: ask once.
pub fn describe_host() -> String {
    let wanted = RefreshKind::nothing()
        .with_cpu(CpuRefreshKind::nothing())
        .with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(wanted).ok();
    let name = System::name().ok();
    let version = System::os_version().ok();
    let operating_system = [name, version].into_iter().flatten();
    let operating_system = operating_system.collect::<Vec<_>>().join(" ");
    let mut parts = vec![operating_system];
    if let Some(system) = system {
        let cores = system.cpus().len();
        let processor = system.cpus().first().map(|cpu| cpu.brand().trim());
        parts.push(processor.unwrap_or_default().to_owned());
        match cores {
            0 => {}
            1 => parts.push("1 core".to_owned()),
            _ => parts.push(format!("{cores} cores")),
        }
        parts.push(memory(system.total_memory()));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn memory(bytes: u64) -> String {
    if bytes == 0 {
        return String::new();
    }
    let text = format!("{:.1}", bytes as f64 / f64::from(1 << 30));
    format!("{} GiB of memory", text.trim_end_matches(".0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_something() {
        let text = describe_host();
        println!("{text}");
        assert!(
            text.contains("core") && text.contains("GiB of memory"),
            "{text}"
        );
    }

    #[test]
    fn memory_in_gibibytes() {
        assert_eq!(memory(24 << 30), "24 GiB of memory");
        assert_eq!(memory(1_610_612_736), "1.5 GiB of memory");
        assert_eq!(memory(0), "");
    }
}
