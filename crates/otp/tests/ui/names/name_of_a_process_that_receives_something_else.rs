use otp::prelude::*;

const LOGGER: Name<String> = Name::new("logger");

fn start(system: &System) {
    let _ = system.spawn_with(SpawnOptions::new().name(LOGGER), async |_: ProcessContext<u32>| {});
}

fn main() {}
