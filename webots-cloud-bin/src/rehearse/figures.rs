//! What the servers' processes use: of those on this machine by their pid, of others as far as they say
//! it in `/metrics`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use tokio::time::{Instant, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::arguments::Plan;
use crate::client::get;

/// From look to look.
const PERIOD: Duration = Duration::from_secs(1);

/// Looks that are kept of one process: more than four hours.
const MOST_LOOKS: usize = 16_000;

/// One look at a process.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Look {
    /// Seconds since the rehearsal began.
    pub(super) at: f64,
    /// Processor time so far, seconds.
    pub(super) cpu: f64,
    /// Resident memory, bytes.
    pub(super) memory: u64,
}

/// By the name of a process.
pub(super) type Figures = BTreeMap<String, Vec<Look>>;

/// Looks at all processes once a second until it is told to stop, and once more.
pub(super) async fn all(plan: &Plan, begun: Instant, stop: &CancellationToken) -> Figures {
    let mut figures = Figures::new();
    let mut ticks = interval(PERIOD);
    loop {
        let stopped = tokio::select! {
            _ = ticks.tick() => false,
            () = stop.cancelled() => true,
        };
        let at = begun.elapsed().as_secs_f64();
        let mut looks = here(plan.processes.clone()).await;
        looks.extend(session_server(plan).await);
        for (name, (cpu, memory)) in looks {
            let of_process = figures.entry(name).or_default();
            if of_process.len() < MOST_LOOKS {
                of_process.push(Look { at, cpu, memory });
            }
        }
        if stopped {
            return figures;
        }
    }
}

/// Name, seconds of processor time, bytes.
type Used = (String, (f64, u64));

async fn here(processes: Vec<(String, u32)>) -> Vec<Used> {
    let look = tokio::task::spawn_blocking(move || {
        let pids: Vec<Pid> = processes
            .iter()
            .map(|(_, pid)| Pid::from_u32(*pid))
            .collect();
        let Ok(mut system) = System::new() else {
            return Vec::new();
        };
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&pids),
            true,
            ProcessRefreshKind::nothing().with_cpu().with_memory(),
        );
        let used = |(name, pid): (String, u32)| {
            let process = system.process(Pid::from_u32(pid))?;
            let cpu = process.accumulated_cpu_time() as f64 / 1000.0;
            Some((name, (cpu, process.memory())))
        };
        processes.into_iter().filter_map(used).collect()
    });
    look.await.unwrap_or_default()
}

/// What the session server says of itself, unless its process is looked at already.
async fn session_server(plan: &Plan) -> Option<Used> {
    if !plan.processes.is_empty() {
        return None;
    }
    let url = format!("http://{}/metrics", plan.server);
    let page = timeout(PERIOD, get(&url)).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(page.body());
    let cpu = metric(&text, "process_cpu_seconds_total")?;
    let memory = metric(&text, "process_resident_memory_bytes")?;
    Some((plan.server.clone(), (cpu, memory as u64)))
}

fn metric(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| {
        let (metric, value) = line.split_once(' ')?;
        value.trim().parse().ok().filter(|_| metric == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_found_by_its_whole_name() {
        let text = "# TYPE process_cpu_seconds counter\nprocess_cpu_seconds_total_x 9\n\
                    process_cpu_seconds_total 1.5\n";
        assert_eq!(metric(text, "process_cpu_seconds_total"), Some(1.5));
        assert_eq!(metric(text, "process_resident_memory_bytes"), None);
    }

    #[tokio::test]
    async fn this_process_uses_memory() {
        let own = vec![
            ("own".to_owned(), std::process::id()),
            ("none".to_owned(), u32::MAX),
        ];
        let used = here(own).await;
        assert_eq!(used.len(), 1, "{used:?}");
        assert!(
            used.iter().all(|(_, (_, memory))| *memory > 100_000),
            "{used:?}"
        );
    }
}
