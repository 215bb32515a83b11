//! One notifier made of several.

use std::sync::Arc;

use futures_util::future::join_all;
use webots_cloud_core::ports::{BoxFuture, Deliveries, Notice, Notifier, PortError};

/// Tells all of them, at the same time.
///
/// # Errors
/// The first error; the others were told all the same.
///
/// # Cancel safety
/// That of each of them.
#[derive(Clone, Debug)]
pub struct Several(pub Vec<Arc<dyn Notifier>>);

impl Notifier for Several {
    fn notify(&self, notice: Notice) -> BoxFuture<'_, Result<(), PortError>> {
        let told: Vec<_> = self.0.iter().map(|it| it.notify(notice.clone())).collect();
        Box::pin(async { join_all(told).await.into_iter().collect() })
    }

    fn deliveries(&self) -> Vec<Deliveries> {
        self.0.iter().flat_map(|it| it.deliveries()).collect()
    }

    fn finish(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            join_all(self.0.iter().map(|it| it.finish())).await;
        })
    }
}
