use otp::transitions;

#[transitions(Locked => [Open])]
struct Door;

#[transitions(Full => [])]
enum Generic<T> {
    Full(T),
}

#[transitions(Locked -> Open)]
enum Arrows {
    Locked,
    Open,
}

fn main() {}
