//! Generates the foreign sources: `cargo run -p himaya-bindings --features cli --bin uniffi-bindgen -- generate …`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
