//! The entry of the pages that compare what was measured; the others are the package's own program.
//!
//! On a host it does nothing, so that the pure rooms can be tested there.

#[cfg(target_arch = "wasm32")]
fn main() {
    frontend::mount(frontend::comparing);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
