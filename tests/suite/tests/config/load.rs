//! Processes load a configuration, again and again.

use otp::System;
use otp::config::{Config, LoadError};
use otp::scope::BlockingError;
use serde::{Deserialize, Deserializer};

use crate::{Dir, config};

#[otp::test]
async fn a_configuration_is_loaded_again_from_its_files(system: System) {
    let dir = Dir::with("port = 1");
    let config = config().file(dir.file()).arguments(["--name=n"]);
    assert_eq!(config.load(&system).await.unwrap().port, 1);
    dir.write("port = 2");
    let again = config.load(&system).await.unwrap();
    assert_eq!((again.port, again.name.as_deref()), (2, Some("n")));
    dir.write("port = two");
    assert_eq!(config.load(&system).await.unwrap_err().problems().len(), 1);
}

#[otp::test]
async fn a_panic_in_the_users_code_is_an_error(system: System) {
    #[derive(Debug)]
    struct Bomb;

    impl<'de> Deserialize<'de> for Bomb {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Bomb, D::Error> {
            panic!("no configuration today")
        }
    }

    let panicked = Config::<Bomb>::new("bomb").load(&system).await.unwrap_err();
    assert!(matches!(panicked, LoadError::NotRun(BlockingError::Panicked(_))), "{panicked}");
    assert!(panicked.to_string().contains("no configuration today"), "{panicked}");
    let panicked = config().check(|_| -> Result<(), String> { panic!("nor this") }).load(&system).await.unwrap_err();
    assert!(panicked.to_string().contains("nor this"), "{panicked}");
}
