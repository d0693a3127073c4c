#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| himaya_wire_fuzz::envelope(bytes));
