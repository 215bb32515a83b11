//! How often each route was answered, and how.

use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;
use webots_cloud_core::web::view::{ProcessView, RequestCount};

use crate::platform::own_process;

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What anybody might ask for, as one.
const OTHER: &str = "other";

/// What is known of this process, for the one path that shows it.
pub(super) async fn process_for(path: &str) -> Option<ProcessView> {
    if path != "/metrics" {
        return None;
    }
    tokio::task::spawn_blocking(own_process)
        .await
        .ok()
        .flatten()
}

/// Counts for a fixed set of routes.
#[derive(Debug)]
pub(super) struct RequestCounts {
    routes: &'static [&'static str],
    /// One more than there are routes: the last is for all others.
    counts: Vec<[AtomicU64; CLASSES.len()]>,
}

impl RequestCounts {
    pub(super) fn new(routes: &'static [&'static str]) -> Self {
        let counts = std::iter::repeat_with(Default::default);
        Self {
            routes,
            counts: counts.take(routes.len() + 1).collect(),
        }
    }

    /// Which route a path is, for [`count`](Self::count).
    pub(super) fn route(&self, path: &str) -> usize {
        let known = self.routes.iter().position(|route| *route == path);
        known.unwrap_or(self.routes.len())
    }

    pub(super) fn count(&self, route: usize, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        let count = self.counts.get(route).and_then(|it| it.get(class));
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Those that happened.
    pub(super) fn view(&self) -> Vec<RequestCount> {
        let names = self.routes.iter().copied().chain([OTHER]);
        let all = names.zip(&self.counts).flat_map(|(route, counts)| {
            CLASSES
                .iter()
                .zip(counts)
                .map(move |(status, count)| RequestCount {
                    route,
                    status,
                    count: count.load(Ordering::Relaxed),
                })
        });
        all.filter(|it| it.count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_asked_for_there_are_as_many_series_as_routes() {
        let counts = RequestCounts::new(&["/", "/load"]);
        for (path, status) in [
            ("/load", 200),
            ("/load", 204),
            ("/", 101),
            ("/loads", 404),
            ("/a/b", 405),
        ] {
            let status = StatusCode::from_u16(status).expect("one");
            counts.count(counts.route(path), status);
        }
        let view = counts.view();
        let view: Vec<_> = view
            .iter()
            .map(|it| (it.route, it.status, it.count))
            .collect();
        let expected = [("/", "1xx", 1), ("/load", "2xx", 2), (OTHER, "4xx", 2)];
        assert_eq!(view, expected);
    }
}
