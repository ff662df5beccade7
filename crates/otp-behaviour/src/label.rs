/// Returns the last part of the path of a type, without generic arguments: the default label of a behaviour.
///
/// ```
/// use otp::behaviour::short_name;
///
/// assert_eq!(short_name::<std::collections::HashMap<u32, String>>(), "HashMap");
/// ```
pub fn short_name<T: ?Sized>() -> &'static str {
    let path = std::any::type_name::<T>();
    let plain = path.split('<').next().unwrap_or(path);
    plain.rsplit("::").next().unwrap_or(plain)
}
