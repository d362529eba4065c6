//! Logs as JSON, one line for each thing that happened.

use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

/// Begins to log to standard error as `level` says (`info`, `soko=debug,warn`). Called once, first thing; again it does
/// nothing.
pub fn begin(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_span_events(FmtSpan::NONE)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .finish();
    // a test may have set its own
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let words = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        tracing::error!(place, cause = crate::way::scrubbed(words.unwrap_or_default()), "panic");
    }));
}
