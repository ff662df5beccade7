/// A value has no encoding as a term.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// It is deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("the term is deeper than {}", crate::MAX_DEPTH)]
    TooDeep,
    /// A binary, a list, a tuple or a map has a length of more than 32 bits.
    #[error("{len} are more than the length of a term can say")]
    #[non_exhaustive]
    TooLong {
        /// The length.
        len: usize,
    },
    /// A float that is no number, or infinite: Erlang has neither.
    #[error("the float {value}, which Erlang does not have")]
    #[non_exhaustive]
    Float {
        /// The float, in words.
        value: &'static str,
    },
}

impl EncodeError {
    pub(crate) fn float(value: f64) -> EncodeError {
        let value = match value {
            value if value.is_nan() => "NaN",
            value if value < 0.0 => "-infinity",
            _ => "infinity",
        };
        EncodeError::Float { value }
    }
}
