use super::super::attack::{Attack, Then};

pub(crate) const ATTACKS: &[Attack] = &[
    Attack::outside("escape_sequences", "writes escape sequences, line feeds and reversed text to whoever reads the output, and dies so that they are its last words")
        .then(Then::Ends)
        .everywhere("control characters are replaced before anybody sees them"),
    Attack::outside("forged_protocol", "says `open`, `webots:ws://…`, `error: …` and what wardens say, in the simulator's voice")
        .everywhere("the address is the server's own, told once; no line is passed on as it is"),
    Attack::outside("endless_output", "prints as fast as it can for four seconds")
        .then(Then::Weighs)
        .everywhere("the server reads no more than 1000 lines or 4 MiB a second"),
    Attack::outside("long_line", "prints a line of a megabyte, and half characters without an end")
        .then(Then::Weighs)
        .everywhere("lines are cut at 4 KiB"),
];
