//! What `#[gen_server]` needs of its surroundings, and of the types of arguments.

use otp::gen_server::Incoming;
use otp::prelude::*;

/// A server in a module that imports nothing but the macro.
pub mod without_imports {
    /// Says what it is told.
    pub struct Parrot;

    #[otp::gen_server]
    impl Parrot {
        #[init]
        fn init() -> Self {
            Parrot
        }

        #[call]
        fn say(&mut self, word: String, from: ReplyTo<String>) {
            from.reply(word);
        }
    }
}

#[otp::test]
async fn a_reply_token_needs_no_import(system: System) {
    use without_imports::{Parrot, ParrotClient};
    let parrot = Parrot::start(&system, ()).await.unwrap();
    assert_eq!(parrot.say("polly".to_owned()).await, Ok("polly".to_owned()));
}

/// No `Debug`.
pub struct Secret;

struct Vault;

#[gen_server]
impl Vault {
    #[init]
    fn init() -> Self {
        Vault
    }

    #[call]
    fn open(&mut self, code: u32, _secret: Secret) -> bool {
        code == 7
    }

    #[cast]
    fn lock(&mut self) {}
}

#[otp::test]
async fn messages_show_themselves_as_far_as_their_arguments_can(system: System) {
    let vault = Vault::start(&system, ()).await.unwrap();
    let shown = vault
        .call(|from| {
            let open = VaultCall::Open(7, Secret, from);
            assert_eq!(format!("{open:?}"), "Open(7, .., ReplyTo)");
            open
        })
        .await;
    assert_eq!(shown, Ok(true));
    assert_eq!(format!("{:?}", VaultCast::Lock), "Lock");
    assert_eq!(format!("{:?}", Incoming::<Vault>::Cast(&VaultCast::Lock)), "Lock");
}
