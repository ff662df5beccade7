//! What is in the machine.

/// What the machine sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Costs 150 cents.
    Water,
    /// Costs 200 cents.
    Chocolate,
}

impl Item {
    /// The price, in cents.
    pub fn price(self) -> u32 {
        match self {
            Item::Water => 150,
            Item::Chocolate => 200,
        }
    }
}

/// How many there are of each item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Bottles of water.
    pub water: u32,
    /// Bars of chocolate.
    pub chocolate: u32,
}

impl Stock {
    /// The number of an item, to be read or changed.
    pub fn of(&mut self, item: Item) -> &mut u32 {
        match item {
            Item::Water => &mut self.water,
            Item::Chocolate => &mut self.chocolate,
        }
    }
}
