//! Attributes that a macro removes from an item.

use syn::Attribute;

/// Removes and returns the wanted attributes.
pub(crate) fn take(attrs: &mut Vec<Attribute>, wanted: impl Fn(&Attribute) -> bool) -> Vec<Attribute> {
    let (taken, left) = std::mem::take(attrs).into_iter().partition(wanted);
    *attrs = left;
    taken
}
