//! The entry of the pages that show what was recorded, and by what.
//!
//! On a host it does nothing, so that the pure rooms can be tested there.

#[cfg(target_arch = "wasm32")]
fn main() {
    frontend::mount(frontend::recorded);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
