use std::time::Duration;

use lexopt::{Arg, ValueExt};
use otp::dist::{Cookie, Node, NodeName, Tls};
use otp::runtime::net::NetAddr;

pub(crate) struct Args {
    pub(crate) backend: Backend,
    pub(crate) node: Node,
}

pub(crate) enum Backend {
    Tokio,
    Smol,
}

impl Args {
    pub(crate) fn of_command_line() -> Result<Args, lexopt::Error> {
        let mut backend = Backend::Tokio;
        let mut name = None;
        let mut node: Vec<Box<dyn FnOnce(Node) -> Node>> = Vec::new();
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            let Arg::Long(option) = arg else { return Err(arg.unexpected()) };
            let option = option.to_owned();
            let value = parser.value()?.string()?;
            let number = || value.parse::<u16>().map_err(|error| lexopt::Error::from(format!("--{option}: {error}")));
            match option.as_str() {
                "backend" => backend = if value == "smol" { Backend::Smol } else { Backend::Tokio },
                "node" => name = Some(value),
                "cookie" => node.push(Box::new(move |node| node.cookie(Cookie::new(value)))),
                "epmd-port" => {
                    let port = number()?;
                    node.insert(0, Box::new(move |node| node.epmd(port)));
                }
                "hidden" => node.push(Box::new(move |node| node.hidden(value == "true"))),
                "ticktime" => {
                    let seconds = number()?;
                    node.push(Box::new(move |node| node.tick_time(Duration::from_secs(seconds.into()))));
                }
                "tls" => {
                    let read = |file: &str| {
                        std::fs::read(std::path::Path::new(&value).join(file)).map_err(|error| error.to_string())
                    };
                    let tls = Tls::from_pem(&read("ca.pem")?, &read("cert.pem")?, &read("key.pem")?);
                    let tls = tls.map_err(|error| error.to_string())?;
                    node.push(Box::new(move |node| node.tls(tls)));
                }
                "allow" => {
                    let names = value.split(',').map(NodeName::new).collect::<Result<Vec<_>, _>>();
                    let names = names.map_err(|error| error.to_string())?;
                    node.push(Box::new(move |node| node.allow(names)));
                }
                "listen" => {
                    let address: NetAddr = value.parse().map_err(|error| format!("{error}"))?;
                    node.push(Box::new(move |node| node.listen(address)));
                }
                "static-port" => {
                    let port = number()?;
                    node.push(Box::new(move |node| node.fixed_port(port)));
                }
                other => return Err(format!("--{other} is unknown").into()),
            }
        }
        let name = name.ok_or("--node is missing")?;
        let named = Node::named(name).map_err(|error| error.to_string())?;
        Ok(Args { backend, node: node.into_iter().fold(named, |node, option| option(node)) })
    }
}
