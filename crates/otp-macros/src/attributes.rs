//! Attributes that a macro takes away from an item.

use syn::Attribute;

/// Removes those attributes that are asked for.
pub(crate) fn take(attrs: &mut Vec<Attribute>, wanted: impl Fn(&Attribute) -> bool) -> Vec<Attribute> {
    let (taken, left) = std::mem::take(attrs).into_iter().partition(wanted);
    *attrs = left;
    taken
}
