//! What a [`LoadProbe`] promises.

use std::time::Duration;

use super::wait::begin_and_drop;
use super::{Time, check_error, together, within};
use crate::load::{Gpus, LoadParts, LoadSample, MOST_GPUS};
use crate::ports::{LoadProbe, PortError};

/// A sample that takes longer than this would never be of use: the machines wait two seconds.
const LIMIT: Duration = Duration::from_secs(10);

/// Tries a probe of something that answers.
///
/// # Panics
/// With the promise that is broken.
pub async fn conforms(probe: &dyn LoadProbe, time: &dyn Time) {
    assert!(
        !format!("{probe:?}").is_empty(),
        "a probe's Debug says what it is"
    );
    for turn in ["the first", "the second"] {
        check(turn, sample(probe, time).await);
    }
    // Dropped before it began, and while it was under way.
    drop(probe.sample());
    check(
        "after one that was never begun, the",
        sample(probe, time).await,
    );
    for _ in 0..3 {
        begin_and_drop(probe.sample()).await;
    }
    check("after dropped ones, the", sample(probe, time).await);
    let both = together(vec![probe.sample(), probe.sample()]);
    let both = within(time, LIMIT, both).await;
    for result in both.expect("two samples at the same time end") {
        check("of two at the same time, each", result);
    }
}

/// Tries a probe of something that does not answer, or answers nonsense.
///
/// # Panics
/// With the promise that is broken.
pub async fn fails_well(probe: &dyn LoadProbe, time: &dyn Time) {
    for turn in ["the first", "the second"] {
        match sample(probe, time).await {
            Ok(sample) => panic!("{turn} sample of what has no load is an error, not {sample:?}"),
            Err(error) => check_error(&error, &[]),
        }
    }
    begin_and_drop(probe.sample()).await;
    assert!(
        sample(probe, time).await.is_err(),
        "a dropped sample does not make the next one succeed"
    );
}

async fn sample(probe: &dyn LoadProbe, time: &dyn Time) -> Result<LoadSample, PortError> {
    within(time, LIMIT, probe.sample())
        .await
        .unwrap_or_else(|| panic!("a sample ends by itself, but after {LIMIT:?} it had not"))
}

fn check(which: &str, result: Result<LoadSample, PortError>) {
    let sample =
        result.unwrap_or_else(|error| panic!("{which} sample succeeds, but it failed: {error}"));
    let percent = sample.load.percent();
    assert!(
        percent.is_finite() && percent >= 0.0,
        "a load is a finite number from 0 up, not {percent}"
    );
    let Some(parts) = sample.parts else { return };
    let LoadParts {
        cpu,
        memory,
        swap,
        disk,
        gpu_compute,
        gpu_memory_load,
        gpu_memory,
        network_sent,
        network_received,
        network,
    } = parts;
    let named = [
        ("cpu", cpu),
        ("memory", memory),
        ("swap", swap),
        ("disk", disk),
        ("gpu_compute", gpu_compute),
        ("gpu_memory_load", gpu_memory_load),
        ("gpu_memory", gpu_memory),
        ("network_sent", network_sent),
        ("network_received", network_received),
        ("network", network),
    ];
    for (name, value) in named {
        assert!(
            value.is_finite() && value >= 0.0,
            "the part {name} of a load is a finite number from 0 up, not {value}"
        );
    }
    assert_eq!(
        sample.load,
        parts.load(),
        "a load that comes with its parts is what the parts make"
    );
    check_gpus(&sample.gpus, &parts);
}

fn check_gpus(gpus: &Gpus, parts: &LoadParts) {
    let devices = gpus.devices();
    assert!(
        devices.len() <= MOST_GPUS,
        "at most {MOST_GPUS} GPUs are told, not {}",
        devices.len()
    );
    if devices.is_empty() {
        return;
    }
    assert_eq!(
        (parts.gpu_compute, parts.gpu_memory_load, parts.gpu_memory),
        (gpus.compute(), gpus.memory_load(), gpus.memory()),
        "the parts of GPUs are the greatest of the GPUs that are told"
    );
}
