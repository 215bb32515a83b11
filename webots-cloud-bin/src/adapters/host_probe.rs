//! The load of this machine.

mod description;
mod gpu;
mod meter;
mod network;
mod nvml;

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;
use webots_cloud_core::load::{LoadParts, LoadSample};
use webots_cloud_core::ports::{BoxFuture, LoadProbe, PortError};

use super::blocking::Blocking;
use gpu::{GpuProbe, GpuWatch};
use meter::Meter;
use nvml::NvmlProbe;

pub use description::describe_host;
pub use network::DEFAULT_CAPACITY;
pub use nvml::NvmlConfig;

/// How long a sample may take, without GPUs: most of it is waiting for a busy machine, or for a file
/// system that hangs.
const LIMIT: Duration = Duration::from_secs(5);

/// Measures the machine that it runs on: processor and network over the time since the last sample
/// (for the first one, since the probe was made), the rest at the moment.
///
/// The clones of an `Arc` of it share "the last sample": only one should take samples regularly.
///
/// # Errors
/// When the runtime shuts down, or the operating system takes more than five seconds. A part that
/// cannot be measured is 0.
///
/// # Cancel safety
/// A dropped sample ends in the background, and counts as the last one.
#[derive(Debug)]
pub struct HostProbe {
    meter: Blocking<Meter>,
    gpus: GpuWatch,
}

/// What a [`HostProbe`] needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct HostProbeConfig {
    /// The folder whose file system is looked at; need not be there yet.
    pub instances_dir: PathBuf,
    /// What the network can do in one direction, MB/s (10^6 bytes); `None` is the speed of the
    /// fastest network card, or [`DEFAULT_CAPACITY`] where no card tells.
    pub network_capacity: Option<f64>,
    /// How GPUs are looked at.
    pub nvml: NvmlConfig,
}

/// The operating system does not tell what is to be measured.
#[derive(Debug, Error)]
#[error("the load of this machine cannot be measured: {0}")]
pub struct HostProbeError(String);

impl HostProbe {
    /// Begins to measure. Takes about a millisecond; GPUs are looked for with the first sample.
    ///
    /// # Errors
    /// The operating system tells nothing.
    pub fn new(config: HostProbeConfig) -> Result<Self, HostProbeError> {
        let gpus = Box::new(NvmlProbe::new(config.nvml));
        Self::with_gpus(config.instances_dir, config.network_capacity, gpus)
    }

    fn with_gpus(
        instances_dir: PathBuf,
        network_capacity: Option<f64>,
        gpus: Box<dyn GpuProbe>,
    ) -> Result<Self, HostProbeError> {
        let meter = Meter::new(instances_dir, network_capacity)
            .map_err(|error| HostProbeError(error.to_string()))?;
        Ok(Self {
            meter: Blocking::new(meter),
            gpus: GpuWatch::new(gpus),
        })
    }
}

impl LoadProbe for HostProbe {
    fn sample(&self) -> BoxFuture<'_, Result<LoadSample, PortError>> {
        Box::pin(async move {
            let (parts, gpus) =
                tokio::join!(self.meter.ask(LIMIT, Meter::measure), self.gpus.look());
            let parts = parts.map_err(|error| {
                PortError::retry("the load of this machine cannot be measured").because(error)
            })?;
            let parts = LoadParts {
                gpu_compute: gpus.compute(),
                gpu_memory_load: gpus.memory_load(),
                gpu_memory: gpus.memory(),
                ..parts
            };
            Ok(LoadSample {
                parts: Some(parts),
                gpus,
                ..LoadSample::of(parts.load())
            })
        })
    }
}

/// From 0 to 100, whatever rounding or a changed clock made of it.
fn bounded(percent: f64) -> f64 {
    if percent.is_finite() {
        percent.clamp(0.0, 100.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use webots_cloud_core::load::{Gpu, GpuMemory, Gpus};

    use super::*;

    #[derive(Debug)]
    struct Fixed(Gpus);

    impl GpuProbe for Fixed {
        fn measure(&mut self) -> Gpus {
            self.0.clone()
        }
    }

    fn probe(gpus: Gpus) -> HostProbe {
        let folder = std::env::temp_dir().join("not/there/yet");
        HostProbe::with_gpus(folder, None, Box::new(Fixed(gpus))).expect("Linux tells")
    }

    async fn parts(probe: &HostProbe) -> LoadParts {
        let sample = probe.sample().await.expect("measured");
        let parts = sample.parts.expect("from inside");
        assert_eq!(sample.load, parts.load());
        parts
    }

    #[tokio::test]
    async fn a_machine_has_a_load() {
        let probe = probe(Gpus::Absent);
        for _ in 0..2 {
            let parts = parts(&probe).await;
            for percent in [
                parts.cpu,
                parts.memory,
                parts.swap,
                parts.disk,
                parts.network,
            ] {
                assert!((0.0..=100.0).contains(&percent), "{parts:?}");
            }
            assert!(parts.memory > 0.0 && parts.disk > 0.0, "{parts:?}");
            assert!(parts.network_sent >= 0.0 && parts.network_received >= 0.0);
            assert_eq!((parts.gpu_compute, parts.gpu_memory), (0.0, 0.0));
        }
    }

    #[tokio::test]
    async fn a_spinning_core_shows() {
        let probe = probe(Gpus::Absent);
        let until = Instant::now() + Duration::from_millis(400);
        tokio::task::spawn_blocking(move || while Instant::now() < until {})
            .await
            .expect("spun");
        let parts = parts(&probe).await;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cores = u32::try_from(cores).expect("few");
        let least = 50.0 / f64::from(cores);
        assert!(parts.cpu >= least, "{parts:?}");
    }

    #[tokio::test]
    async fn the_gpus_count() {
        let gpu = |compute, memory_load, used| Gpu {
            compute: Some(compute),
            memory_load: Some(memory_load),
            memory: Some(GpuMemory { used, total: 1000 }),
            ..Gpu::default()
        };
        let gpus = Gpus::Present(vec![gpu(97.0, 10.0, 3), gpu(0.0, 20.0, 995)]);
        let sample = probe(gpus.clone()).sample().await.expect("measured");
        let parts = sample.parts.expect("from inside");
        assert_eq!((parts.gpu_compute, parts.gpu_memory_load), (97.0, 20.0));
        assert_eq!(parts.gpu_memory, 99.5);
        assert!(sample.load.percent() >= 99.5);
        assert_eq!(sample.gpus, gpus);
    }

    #[test]
    fn bounds() {
        assert_eq!(bounded(f64::NAN), 0.0);
        assert_eq!(bounded(100.5), 100.0);
        assert_eq!(bounded(-1.0), 0.0);
    }
}
