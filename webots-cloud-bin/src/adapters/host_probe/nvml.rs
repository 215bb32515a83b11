//! GPUs, as the library of the NVIDIA driver (NVML) tells.

mod old_memory;
mod processes;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nvml_wrapper::error::NvmlError;
use nvml_wrapper::{Device, Nvml};
use webots_cloud_core::load::{Gpu, GpuMemory, Gpus, MOST_GPUS};

use super::bounded;
use super::gpu::GpuProbe;

/// Where the NVIDIA driver is, and how often it is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NvmlConfig {
    /// Its library; `None` is the one that the system finds, `libnvidia-ml.so.1` on Linux.
    pub library: Option<PathBuf>,
    /// Where there is no driver, it is looked for again after this time (one minute).
    pub look_again: Duration,
    /// A driver that fails is asked again after this time (five seconds).
    pub retry: Duration,
}

impl Default for NvmlConfig {
    fn default() -> Self {
        Self {
            library: None,
            look_again: Duration::from_secs(60),
            retry: Duration::from_secs(5),
        }
    }
}

/// Asks NVML about every GPU.
#[derive(Debug)]
pub(super) struct NvmlProbe {
    config: NvmlConfig,
    state: State,
    /// The driver told something once: if it is gone now, that is a failure.
    worked: bool,
    /// The last names, by number: a lost GPU does not tell its own.
    names: BTreeMap<u32, String>,
}

#[derive(Debug)]
enum State {
    Open(Box<Nvml>),
    /// Not asked again before this time; until then this holds.
    Closed(Gpus, Instant),
}

impl NvmlProbe {
    pub(super) fn new(config: NvmlConfig) -> Self {
        Self {
            config,
            state: State::Closed(Gpus::Absent, Instant::now()),
            worked: false,
            names: BTreeMap::new(),
        }
    }

    fn open(&self) -> Result<Nvml, NvmlError> {
        let mut builder = Nvml::builder();
        if let Some(library) = &self.config.library {
            builder.lib_path(library.as_os_str());
        }
        builder.init()
    }

    /// Whether this means that the machine has no driver, like most.
    fn is_absence(&self, error: &NvmlError) -> bool {
        if self.worked {
            return false;
        }
        if let NvmlError::LibloadingError(why) = error {
            // A library that is there and cannot be loaded is no absence; nor is one that the
            // operator has named.
            return self.config.library.is_none() && why.to_string().contains("No such file");
        }
        matches!(error, NvmlError::DriverNotLoaded)
    }

    fn close(&mut self, error: &NvmlError) -> Gpus {
        let (gpus, pause) = if self.is_absence(error) {
            (Gpus::Absent, self.config.look_again)
        } else {
            (Gpus::Failing(error.to_string()), self.config.retry)
        };
        self.state = State::Closed(gpus.clone(), Instant::now() + pause);
        gpus
    }
}

impl GpuProbe for NvmlProbe {
    fn measure(&mut self) -> Gpus {
        if let State::Closed(gpus, until) = &self.state {
            if Instant::now() < *until {
                return gpus.clone();
            }
            match self.open() {
                Ok(nvml) => self.state = State::Open(Box::new(nvml)),
                Err(error) => return self.close(&error),
            }
        }
        let State::Open(nvml) = &self.state else {
            return Gpus::Absent;
        };
        match devices(nvml, &mut self.names) {
            Ok(devices) => {
                self.worked = true;
                Gpus::Present(devices)
            }
            Err(error) => self.close(&error),
        }
    }
}

/// # Errors
/// The driver itself fails, or all its GPUs do: then it helps, if anything does, to open it anew. Of
/// one of several that fails, the trouble is in its place.
fn devices(nvml: &Nvml, names: &mut BTreeMap<u32, String>) -> Result<Vec<Gpu>, NvmlError> {
    let most = u32::try_from(MOST_GPUS).unwrap_or(u32::MAX);
    let count = nvml.device_count()?.min(most);
    let mut gpus = Vec::new();
    let mut failures = Vec::new();
    for number in 0..count {
        let device = nvml.device_by_index(number);
        let name = device.as_ref().ok().and_then(|device| device.name().ok());
        names.extend(name.map(|name| (number, name)));
        let name = names.get(&number).cloned().unwrap_or_default();
        gpus.push(match device.and_then(|device| figures(nvml, &device)) {
            Ok(gpu) => Gpu { name, ..gpu },
            Err(error) if is_of_the_driver(&error) => return Err(error),
            Err(error) => {
                let trouble = Some(error.to_string());
                failures.push(error);
                Gpu {
                    name,
                    trouble,
                    ..Gpu::default()
                }
            }
        });
    }
    match failures.pop() {
        Some(error) if failures.len() + 1 == gpus.len() => Err(error),
        Some(_) | None => Ok(gpus),
    }
}

fn figures(nvml: &Nvml, device: &Device<'_>) -> Result<Gpu, NvmlError> {
    let rates = told(device.utilization_rates())?;
    Ok(Gpu {
        compute: rates.as_ref().map(|rates| bounded(f64::from(rates.gpu))),
        memory_load: rates.map(|rates| bounded(f64::from(rates.memory))),
        memory: told(memory(nvml, device))?,
        processes: processes::processes(device)?,
        ..Gpu::default()
    })
}

fn memory(nvml: &Nvml, device: &Device<'_>) -> Result<GpuMemory, NvmlError> {
    match device.memory_info() {
        Ok(memory) => Ok(GpuMemory {
            used: memory.used,
            total: memory.total,
        }),
        Err(NvmlError::FailedToLoadSymbol(_) | NvmlError::FunctionNotFound) => {
            old_memory::memory(nvml, device)
        }
        Err(error) => Err(error),
    }
}

/// Not every GPU and driver tells everything.
fn told<T>(figure: Result<T, NvmlError>) -> Result<Option<T>, NvmlError> {
    match figure {
        Ok(figure) => Ok(Some(figure)),
        Err(
            NvmlError::NotSupported
            | NvmlError::NoPermission
            | NvmlError::FunctionNotFound
            | NvmlError::FailedToLoadSymbol(_),
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the driver fails, and not one of its GPUs.
fn is_of_the_driver(error: &NvmlError) -> bool {
    matches!(
        error,
        NvmlError::Uninitialized
            | NvmlError::DriverNotLoaded
            | NvmlError::LibraryNotFound
            | NvmlError::FailedToLoadSymbol(_)
            | NvmlError::LibRmVersionMismatch
    )
}
