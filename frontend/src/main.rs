//! The entry of the pages that ask and answer; those that compare what was measured are `bin/ranking.rs`, those that show
//! records `bin/records.rs`, so that a first visit fetches only what it shows.
//!
//! On a host it does nothing, so that the pure rooms can be tested there.

#[cfg(target_arch = "wasm32")]
fn main() {
    frontend::mount(frontend::asking);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
