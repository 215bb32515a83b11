//! The probe itself.

use std::time::Duration;

use webots_cloud::adapters::host_probe::{HostProbe, HostProbeConfig, NvmlConfig};
use webots_cloud_core::load::{Gpu, GpuMemory, Gpus, LoadSample};
use webots_cloud_core::ports::LoadProbe;

use super::fake::{DRIVER_NOT_LOADED, FakeNvml, GPU_IS_LOST, NOT_SUPPORTED, TWO};
use crate::common::{SOON, folder, until_answered};

fn probe_with(nvml: NvmlConfig) -> HostProbe {
    let config = HostProbeConfig {
        instances_dir: std::env::temp_dir(),
        network_capacity: None,
        nvml,
    };
    HostProbe::new(config).expect("Linux tells")
}

/// With pauses that a test can wait for.
fn probe(fake: &FakeNvml) -> HostProbe {
    probe_with(NvmlConfig {
        library: Some(fake.library()),
        look_again: Duration::from_millis(300),
        retry: Duration::from_millis(100),
    })
}

async fn sample(probe: &HostProbe) -> LoadSample {
    let sample = probe.sample().await.expect("measured");
    let parts = sample.parts.expect("from inside");
    let gpus = &sample.gpus;
    assert_eq!(parts.gpu_compute, gpus.compute());
    assert_eq!(parts.gpu_memory_load, gpus.memory_load());
    assert_eq!(parts.gpu_memory, gpus.memory());
    assert_eq!(sample.load, parts.load());
    sample
}

async fn gpus(probe: &HostProbe) -> Gpus {
    sample(probe).await.gpus
}

/// On a machine that is busy an answer may be late; the watch has patience, and so have we.
async fn until_it_is(probe: &HostProbe, what: &str, fits: impl Fn(&Gpus) -> bool) {
    until_answered(what, SOON, || async { fits(&gpus(probe).await) }).await;
}

const fn is_present(gpus: &Gpus) -> bool {
    matches!(gpus, Gpus::Present(_))
}

const fn is_failing(gpus: &Gpus) -> bool {
    matches!(gpus, Gpus::Failing(_))
}

fn one() -> Gpu {
    Gpu {
        name: "Fake GPU One".to_owned(),
        compute: Some(30.0),
        memory_load: Some(12.0),
        memory: Some(GpuMemory {
            used: 2 << 30,
            total: 8 << 30,
        }),
        processes: Some(Vec::new()),
        trouble: None,
    }
}

fn two() -> Gpu {
    Gpu {
        name: "Fake GPU Two".to_owned(),
        compute: Some(7.0),
        memory_load: Some(3.0),
        memory: Some(GpuMemory {
            used: 14 << 30,
            total: 16 << 30,
        }),
        processes: Some(Vec::new()),
        trouble: None,
    }
}

#[tokio::test]
async fn every_gpu_is_measured_and_the_greatest_figure_counts() {
    let Some(fake) = FakeNvml::new(TWO) else {
        return;
    };
    let probe = probe(&fake);
    until_it_is(&probe, "GPUs", is_present).await;
    let sample = sample(&probe).await;
    assert_eq!(sample.gpus, Gpus::Present(vec![one(), two()]));
    let parts = sample.parts.unwrap();
    assert_eq!((parts.gpu_compute, parts.gpu_memory_load), (30.0, 12.0));
    assert_eq!(parts.gpu_memory, 87.5, "of the other GPU");
    assert!(sample.load.percent() >= 87.5);
}

#[tokio::test]
async fn one_lost_gpu_leaves_the_other() {
    let Some(fake) = FakeNvml::new(TWO) else {
        return;
    };
    let probe = probe(&fake);
    until_it_is(&probe, "GPUs", is_present).await;
    for broken in ["0.code", "0.handle"] {
        fake.answer(&format!("{TWO}{broken} {GPU_IS_LOST}\n"));
        until_it_is(&probe, "the loss", |gpus| gpus.compute() == 7.0).await;
        let gpus = gpus(&probe).await;
        let [lost, left] = gpus.devices() else {
            panic!("{gpus:?}");
        };
        assert_eq!(lost.name, "Fake GPU One", "{broken}");
        assert!(lost.trouble.as_ref().unwrap().contains("fell off the bus"));
        assert_eq!((lost.compute, lost.memory), (None, None));
        assert_eq!(*left, two());
        fake.answer(TWO);
        let both = Gpus::Present(vec![one(), two()]);
        until_it_is(&probe, "both", |gpus| *gpus == both).await;
    }
}

#[tokio::test]
async fn a_driver_that_goes_comes_back() {
    let Some(fake) = FakeNvml::new(TWO) else {
        return;
    };
    let probe = probe(&fake);
    until_it_is(&probe, "GPUs", is_present).await;
    for gone in [
        format!("init {DRIVER_NOT_LOADED}\ncount.code {DRIVER_NOT_LOADED}\n"),
        format!("count 2\n0.code {GPU_IS_LOST}\n1.code {GPU_IS_LOST}\n"),
    ] {
        fake.answer(&gone);
        until_it_is(&probe, "a failure", is_failing).await;
        let sample = sample(&probe).await;
        assert_eq!(sample.parts.unwrap().gpu_memory, 0.0);
        fake.answer(TWO);
        until_it_is(&probe, "GPUs again", is_present).await;
    }
}

#[tokio::test]
async fn no_driver_is_a_normal_state_and_it_may_come_later() {
    let Some(fake) = FakeNvml::new(&format!("init {DRIVER_NOT_LOADED}\n")) else {
        return;
    };
    let probe = probe(&fake);
    assert_eq!(gpus(&probe).await, Gpus::Absent);
    fake.answer(TWO);
    until_it_is(&probe, "the new driver", is_present).await;
}

/// This machine's own; where it has a driver, that one must not fail.
#[tokio::test]
async fn the_systems_library_is_there_or_not() {
    let probe = probe_with(NvmlConfig::default());
    assert!(!is_failing(&gpus(&probe).await));
}

#[tokio::test]
async fn a_library_that_is_none_is_a_failure() {
    let folder = folder();
    let library = folder.path().join("libnvidia-ml.so.1");
    for there in [false, true] {
        if there {
            std::fs::write(&library, "no library").unwrap();
        }
        let probe = probe_with(NvmlConfig {
            library: Some(library.clone()),
            ..NvmlConfig::default()
        });
        until_it_is(&probe, "a failure", is_failing).await;
    }
}

#[tokio::test]
async fn a_driver_without_gpus() {
    let Some(fake) = FakeNvml::new("count 0\n") else {
        return;
    };
    let probe = probe(&fake);
    let none = Gpus::Present(Vec::new());
    until_it_is(&probe, "an answer", |gpus| *gpus == none).await;
}

#[tokio::test]
async fn a_driver_that_tells_of_too_many_is_not_believed() {
    let Some(fake) = FakeNvml::new("count 4000000000\n") else {
        return;
    };
    let probe = probe(&fake);
    until_it_is(&probe, "an answer", |gpus| gpus.devices().len() == 64).await;
}

#[tokio::test]
async fn what_a_gpu_does_not_tell_is_not_known_and_no_failure() {
    let old = FakeNvml::without(&["UTILIZATION", "MEMORY_V2", "PROCESSES"], TWO);
    let mute = FakeNvml::new(&format!("{TWO}0.utilization.code {NOT_SUPPORTED}\n"));
    let (Some(old), Some(mute)) = (old, mute) else {
        return;
    };
    for (fake, processes) in [(old, None), (mute, Some(Vec::new()))] {
        let probe = probe(&fake);
        until_it_is(&probe, "GPUs", is_present).await;
        let gpus = gpus(&probe).await;
        let first = gpus.devices().first().unwrap();
        let silent = Gpu {
            compute: None,
            memory_load: None,
            processes,
            ..one()
        };
        assert_eq!(
            *first, silent,
            "its memory is told, in one way or the other"
        );
    }
}

#[tokio::test]
async fn each_process_that_uses_a_gpu_is_told_once() {
    let both = "0.computes 7\n0.computes.used 100\n0.draws 7\n0.draws.used 90\n\
                1.computes 7\n1.computes.used 5\n1.draws 8\n1.draws.used 6\n";
    let Some(fake) = FakeNvml::new(&format!("{TWO}{both}")) else {
        return;
    };
    let probe = probe(&fake);
    until_it_is(&probe, "GPUs", is_present).await;
    let gpus = gpus(&probe).await;
    let told: Vec<Vec<(u32, u64)>> = gpus
        .devices()
        .iter()
        .map(|gpu| gpu.processes.as_ref().expect("told"))
        .map(|all| all.iter().map(|one| (one.process, one.memory)).collect())
        .collect();
    assert_eq!(told, [vec![(7, 100)], vec![(7, 5), (8, 6)]]);
}

#[tokio::test]
async fn a_driver_that_hangs_costs_only_its_own_figures() {
    let Some(fake) = FakeNvml::new(TWO) else {
        return;
    };
    let probe = probe(&fake);
    until_it_is(&probe, "GPUs", is_present).await;
    fake.answer("hang 1\n");
    let patience = 2 * SOON;
    until_answered("the end of patience", patience, || async {
        let sample = sample(&probe).await;
        assert!(sample.parts.unwrap().memory > 0.0);
        is_failing(&sample.gpus)
    })
    .await;
    fake.answer(TWO);
    until_it_is(&probe, "GPUs again", is_present).await;
}
