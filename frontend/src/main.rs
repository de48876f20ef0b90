//! The page's entry: mounts the site. On a host it does nothing, so that the pure rooms can be tested there.

#[cfg(target_arch = "wasm32")]
fn main() {
    frontend::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
