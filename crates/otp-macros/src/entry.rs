//! `#[main]`: an async function as the program's entry.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Ident, ItemFn, LitInt, LitStr, Path};

use crate::errors::Errors;
use crate::{function, options};

/// The backends that have a `run` function in the facade, each in a module of this name.
const BACKENDS: [&str; 3] = ["tokio", "smol", "sim"];

struct Options {
    krate: Path,
    backend: Ident,
    /// The seed of a simulated run.
    seed: Option<LitInt>,
}

impl Options {
    fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut parsed = Self::default();
        options::parse(tokens, "`backend = \"name\"`, `seed = number` and `crate = path`", &[], |key, value| {
            match key {
                "crate" => parsed.krate = options::crate_path(value)?,
                "backend" => parsed.backend = backend(&value.parse()?)?,
                "seed" => parsed.seed = Some(value.parse()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        match &parsed.seed {
            Some(seed) if parsed.backend != "sim" => {
                Err(syn::Error::new(seed.span(), "only the simulator has a seed; add `backend = \"sim\"`"))
            }
            _ => Ok(parsed),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { krate: options::default_crate(), backend: format_ident!("tokio"), seed: None }
    }
}

fn backend(name: &LitStr) -> syn::Result<Ident> {
    if BACKENDS.contains(&name.value().as_str()) {
        return Ok(Ident::new(&name.value(), name.span()));
    }
    let known = BACKENDS.map(|backend| format!("\"{backend}\"")).join(" or ");
    Err(syn::Error::new(name.span(), format!("unknown backend; use {known}")))
}

/// Expands `#[main(options)] item`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = errors.take(Options::parse(options)).unwrap_or_default();
    let Some(function) = errors.take(syn::parse2::<ItemFn>(item)) else {
        return errors.into_compile_errors();
    };
    function::check(&function, "#[otp::main]", "", &mut errors);
    match errors.finish() {
        Ok(()) => generate(&options, &function),
        Err(error) => {
            let error = error.into_compile_error();
            let stub = stub(&function);
            quote!(#stub #error)
        }
    }
}

/// Makes a stub for a function with errors, so that the compiler does not report a missing `main`. The function goes
/// inside, so that the compiler does not report the items it uses as unused.
fn stub(function: &ItemFn) -> TokenStream {
    let (vis, name) = (&function.vis, &function.sig.ident);
    let inner = function.sig.receiver().is_none().then(|| quote!(#[allow(dead_code)] #function));
    quote!(#vis fn #name() { #inner })
}

/// Makes the plain function. The user's function goes inside unchanged, so that each `?` in it knows the return type.
fn generate(options: &Options, function: &ItemFn) -> TokenStream {
    let Options { krate, backend, seed } = options;
    let seed = match seed {
        Some(seed) => quote!(#seed,),
        None if *backend == "sim" => quote!(1,),
        None => quote!(),
    };
    let ItemFn { attrs, vis, sig, block, .. } = function;
    let (name, output) = (&sig.ident, &sig.output);
    let body = function::body(function, &name.to_token_stream());
    quote! {
        #(#attrs)*
        #vis fn #name() #output {
            #sig #block
            #krate::#backend::run(#seed #body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(options: TokenStream, item: TokenStream) -> String {
        expand(options, item).to_string()
    }

    #[test]
    fn the_function_goes_inside_and_keeps_its_return_type() {
        let item = quote! {
            /// The program.
            async fn main(system: System) -> Result<(), Error> { work(system).await?; Ok(()) }
        };
        let expected = quote! {
            /// The program.
            fn main() -> Result<(), Error> {
                async fn main(system: System) -> Result<(), Error> { work(system).await?; Ok(()) }
                ::otp::tokio::run(main)
            }
        };
        assert_eq!(expand(quote!(), item).to_string(), expected.to_string());
    }

    #[test]
    fn backend_and_crate_are_options_and_the_system_may_be_left_out() {
        let expected = quote! {
            fn main() {
                async fn main() {}
                my::otp::smol::run(|_| main())
            }
        };
        let options = quote!(backend = "smol", crate = my::otp);
        assert_eq!(
            expand(
                options,
                quote!(
                    async fn main() {}
                )
            )
            .to_string(),
            expected.to_string()
        );
    }

    #[test]
    fn a_simulated_program_has_a_seed() {
        for (options, seed) in [(quote!(backend = "sim", seed = 42), quote!(42)), (quote!(backend = "sim"), quote!(1))]
        {
            let item = quote!(
                async fn main(system: System) {}
            );
            let expected = quote! {
                fn main() {
                    async fn main(system: System) {}
                    ::otp::sim::run(#seed, main)
                }
            };
            assert_eq!(expand(options, item).to_string(), expected.to_string());
        }
    }

    #[test]
    fn each_misuse_says_what_to_do() {
        let good = quote!(
            async fn main(system: System) {}
        );
        assert!(
            error(
                quote!(),
                quote!(
                    fn main() {}
                )
            )
            .contains("`#[otp::main]` runs an `async fn`; add `async`")
        );
        assert!(
            error(
                quote!(),
                quote!(
                    async fn main(a: A, b: B) {}
                )
            )
            .contains("remove this parameter")
        );
        assert!(
            error(
                quote!(),
                quote!(
                    async fn main<T>() {}
                )
            )
            .contains("remove them")
        );
        assert!(
            error(
                quote!(),
                quote!(
                    async fn main(&self) {}
                )
            )
            .contains("remove `self`")
        );
        assert!(
            error(
                quote!(),
                quote!(
                    async unsafe fn main() {}
                )
            )
            .contains("remove `unsafe`")
        );
        assert!(
            error(
                quote!(),
                quote!(
                    async extern "C" fn main() {}
                )
            )
            .contains("remove `extern`")
        );
        assert!(error(quote!(seed = 2), good.clone()).contains("only the simulator has a seed"));
        assert!(error(quote!(threads = 2), good.clone()).contains("unknown option `threads`; the options are"));
        assert!(error(quote!(threads), good.clone()).contains("unknown option `threads`"));
        assert!(error(quote!(crate = a, crate = b), good.clone()).contains("given twice"));
        assert!(error(quote!(backend = "async-std"), good).contains("unknown backend; use"));
    }

    #[test]
    fn several_misuses_are_reported_together() {
        let text = error(
            quote!(threads = 2),
            quote!(
                fn main<T>(a: A, b: B) {}
            ),
        );
        assert_eq!(text.matches("compile_error").count(), 4);
    }
}
