//! Servers with type parameters, of types with a lifetime: the compiler forgets in an `async` block that it is `'static`.

use std::collections::HashMap;
use std::hash::Hash;

use otp::prelude::*;

pub(crate) struct Cache<K, V> {
    values: HashMap<K, V>,
}

#[gen_server(vis = pub(crate))]
impl<K: Hash + Eq + Send + 'static, V: Clone + Send + 'static> Cache<K, V> {
    #[init]
    fn init() -> Self {
        Self { values: HashMap::new() }
    }

    #[call]
    fn put(&mut self, key: K, value: V) -> Option<V> {
        self.values.insert(key, value)
    }

    #[call]
    fn value(&mut self, key: K) -> Option<V> {
        self.values.get(&key).cloned()
    }

    #[cast]
    fn forget(&mut self, key: K) {
        self.values.remove(&key);
    }

    #[info]
    fn clear(&mut self) {
        self.values.clear();
    }
}

/// A server with a cache, which it calls from its callbacks.
struct Front {
    words: ServerRef<Cache<&'static str, &'static str>>,
}

#[gen_server]
impl Front {
    #[init]
    async fn init(ctx: &mut Context<Self>) -> Result<Self, StartError> {
        Ok(Self { words: Cache::start_link(ctx, ()).await? })
    }

    #[call]
    async fn learn(&mut self, word: &'static str, meaning: &'static str) -> Result<usize, CallError> {
        self.words.put(word, meaning).await?;
        self.words.cast_when_room(CacheCast::Forget("nothing")).await.unwrap();
        let asked = self.words.value(word).send_request();
        Ok(asked.await?.map_or(0, str::len))
    }
}

#[otp::test]
async fn a_server_with_a_static_lifetime_in_its_type_is_called_by_a_server(system: System) {
    let front = Front::start(&system, ()).await.unwrap();
    assert_eq!(front.learn("supervisor", "who restarts").await, Ok(Ok(12)));
}

#[otp::test]
async fn a_server_with_a_static_lifetime_in_its_type_is_used_by_any_process(system: System) {
    const WORDS: ServerName<Cache<&'static str, &'static str>> = ServerName::new("words");
    let done = otp_suite::inside(&system, async |ctx: ProcessContext<()>| {
        let words = Cache::start_link(&*ctx, ()).name(WORDS).mailbox(8).await.unwrap();
        let exited = words.exited();
        words.put("link", "a tie").await.unwrap();
        words.info(CacheInfo::Clear);
        let named = ServerRef::named(ctx.system(), WORDS);
        let call = named.value("link");
        otp::process::yield_now().await;
        assert_eq!(call.await, Ok(None));
        named.stop().await.unwrap();
        exited.await
    })
    .await;
    assert_eq!(done, ExitReason::Normal);
}

#[otp::test]
async fn a_server_may_have_type_parameters(system: System) {
    let ages = Cache::<&'static str, u32>::start(&system, ()).await.unwrap();
    assert_eq!(ages.put("ada", 36).await, Ok(None));
    assert_eq!(ages.put("ada", 37).await, Ok(Some(36)));
    assert_eq!((ages.value("ada").await, ages.value("bob").await), (Ok(Some(37)), Ok(None)));
    ages.forget("ada");
    assert_eq!(ages.value("ada").await, Ok(None));

    let names = Cache::<u64, String>::start(&system, ()).await.unwrap();
    assert_eq!(names.put(1, "one".to_owned()).await, Ok(None));
    assert_eq!(names.value(1).await, Ok(Some("one".to_owned())));
}
