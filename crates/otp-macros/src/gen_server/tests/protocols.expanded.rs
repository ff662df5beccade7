#[allow(clippy::type_complexity)]
impl<T: Send> a::Storage<T> for ::otp::gen_server::ServerRef<Memory<T>> {
    fn put(&self, key: String, value: T) -> ::otp::call::BoxCall<Option<T>> {
        ::otp::call::BoxCall::from(
            ::otp::gen_server::ServerRef::call(
                self,
                move |from| MemoryCall::Put(key, value, from),
            ),
        )
    }
    fn clear(&self) {
        ::otp::gen_server::ServerRef::cast(self, MemoryCast::Clear);
    }
}
#[allow(clippy::type_complexity)]
impl<T: Send> Health for ::otp::gen_server::ServerRef<Memory<T>> {
    #[cfg(unix)]
    fn check(&self) {
        ::otp::gen_server::ServerRef::cast(self, MemoryCast::Check);
    }
}
