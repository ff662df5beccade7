//! `#[test]`: one async function, one test for each backend.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, FnArg, Ident, ItemFn, LitInt, Path, ReturnType, Token};

use crate::errors::Errors;
use crate::{attributes, function, options};

struct Options {
    krate: Path,
    /// `None` stands for every backend that the facade was built with.
    backends: Option<Vec<Ident>>,
    /// How many seeds the simulator tries.
    seeds: Option<LitInt>,
    /// The faults that the simulator injects.
    faults: Option<Expr>,
}

const OPTIONS: &str = "`backends = [name, …]`, `seeds = number`, `faults = Faults` and `crate = path`";

impl Options {
    fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut parsed = Self { krate: options::default_crate(), backends: None, seeds: None, faults: None };
        options::parse(tokens, OPTIONS, &[], |key, value| {
            match key {
                "crate" => parsed.krate = options::crate_path(value)?,
                "seeds" => {
                    let seeds = value.parse::<LitInt>()?;
                    if seeds.base10_parse::<u64>()? == 0 {
                        return Err(syn::Error::new(seeds.span(), "no seed runs nothing; name a number from 1 on"));
                    }
                    parsed.seeds = Some(seeds);
                }
                "faults" => parsed.faults = Some(value.parse()?),
                "backends" => {
                    let names;
                    let brackets = syn::bracketed!(names in value);
                    let names = Punctuated::<Ident, Token![,]>::parse_terminated(&names)?;
                    if names.is_empty() {
                        return Err(syn::Error::new(
                            brackets.span.join(),
                            "an empty list runs nothing; name a backend, or remove the option",
                        ));
                    }
                    reject_repeated(&names)?;
                    parsed.backends = Some(names.into_iter().collect());
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(parsed)
    }
}

fn reject_repeated(names: &Punctuated<Ident, Token![,]>) -> syn::Result<()> {
    for (index, name) in names.iter().enumerate() {
        if names.iter().take(index).any(|earlier| earlier == name) {
            return Err(syn::Error::new(name.span(), format!("backend `{name}` is named twice; remove one")));
        }
    }
    Ok(())
}

/// Expands `#[test(options)] item`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = errors.take(Options::parse(options));
    let Some(function) = errors.take(syn::parse2::<ItemFn>(item)) else {
        return errors.into_compile_errors();
    };
    // Such an attribute may have changed the function, which need not be async any more: report it before the function.
    match function.attrs.iter().find(|attribute| is_test(attribute)) {
        Some(other) => errors.add(
            other,
            "`#[otp::test]` makes a test of the function for each backend by itself; remove the other test attribute",
        ),
        None => function::check(&function, "#[otp::test]", ", or use the plain `#[test]`", &mut errors),
    }
    match (errors.finish(), options) {
        (Ok(()), Some(options)) => generate(&options, function),
        (result, _) => result.err().map(syn::Error::into_compile_error).unwrap_or_default(),
    }
}

/// Makes the tests, in a module with the function's name beside the function: functions and modules have separate
/// namespaces. The function stays in place, so all names in it are in scope.
fn generate(options: &Options, mut function: ItemFn) -> TokenStream {
    let krate = &options.krate;
    let name = function.sig.ident.clone();
    let (adapter, body) = adapter(krate, &function);
    let tests: Vec<Attribute> = attributes::take(&mut function.attrs, |attribute| !stays_on_body(attribute));
    let cfgs: Vec<Attribute> =
        function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
    // The type may be out of scope in the module. `should_panic` requires `()`.
    let output = match function.sig.output {
        ReturnType::Default => quote!(),
        ReturnType::Type(..) => quote!(-> impl ::std::process::Termination),
    };
    let seeds = &options.seeds;
    // Names in the expression are one level up from the module of the tests.
    let faults = options.faults.as_ref().map(|faults| {
        quote!({
            #[allow(unused_imports)]
            use super::*;
            #faults
        })
    });
    let case = quote!({ #(#tests)* } { #output } { #body } { #seeds } { #faults });
    let cases = match &options.backends {
        None => quote!(#krate::__test::all! { #case }),
        Some(backends) => backends
            .iter()
            // An error about an unknown backend is shown where the user wrote its name.
            .map(|backend| quote_spanned!(backend.span()=> #krate::__test::#backend! { #case }))
            .collect(),
    };
    quote! {
        #[cfg(test)]
        // No backend may be enabled, or none of those in `backends`.
        #[allow(dead_code)]
        #function

        #(#cfgs)*
        #[cfg(test)]
        mod #name {
            #adapter
            #cases
        }
    }
}

/// Makes a `Fn(System)` that calls the function, and what it needs. It stands between the function and its cases, so
/// that an error in the signature is reported once, and not for each backend.
fn adapter(krate: &Path, function: &ItemFn) -> (TokenStream, TokenStream) {
    let name = &function.sig.ident;
    let Some(FnArg::Typed(parameter)) = function.sig.inputs.first() else {
        return (quote!(), quote!(|_| super::#name()));
    };
    let at = parameter.ty.span();
    let system = quote_spanned!(at=> system);
    let given = function::located(quote!(#krate::__test::given(#system)), at);
    let output = match &function.sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote_spanned!(ty.span()=> impl ::std::process::Termination),
    };
    let adapter = quote! {
        #[allow(dead_code)]
        fn body(#system: #krate::System) -> impl ::core::future::Future<Output = #output> {
            super::#name(#given)
        }
    };
    (adapter, quote!(body))
}

/// Whether the attribute itself makes a function a test, such as `#[test]` and `#[tokio::test]`.
fn is_test(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "test")
}

/// Whether an attribute is about the code and stays with the function. Others are about running it, and go to each
/// test.
fn stays_on_body(attribute: &Attribute) -> bool {
    ["allow", "cfg", "deny", "doc", "expect", "forbid", "warn"].iter().any(|name| attribute.path().is_ident(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(options: TokenStream, item: TokenStream) -> String {
        expand(options, item).to_string()
    }

    #[test]
    fn the_body_stays_and_the_tests_go_into_a_module_of_its_name() {
        let item = quote! {
            /// Says so.
            #[cfg(unix)]
            #[should_panic(expected = "boom")]
            async fn it_breaks(system: System) { boom(system).await }
        };
        let expected = quote! {
            #[cfg(test)]
            #[allow(dead_code)]
            /// Says so.
            #[cfg(unix)]
            async fn it_breaks(system: System) { boom(system).await }

            #[cfg(unix)]
            #[cfg(test)]
            mod it_breaks {
                #[allow(dead_code)]
                fn body(system: ::otp::System) -> impl ::core::future::Future<Output = ()> {
                    super::it_breaks(::otp::__test::given(system))
                }
                ::otp::__test::all! { { #[should_panic(expected = "boom")] } { } { body } { } { } }
            }
        };
        assert_eq!(expand(quote!(), item).to_string(), expected.to_string());
    }

    #[test]
    fn a_restricted_test_names_each_backend_and_a_result_is_reported() {
        let text = expand(
            quote!(backends = [tokio, smol], seeds = 20, faults = rare(7), crate = a::b),
            quote!(
                async fn t() -> Result<(), E> {
                    Ok(())
                }
            ),
        );
        let faults = quote!({
            #[allow(unused_imports)]
            use super::*;
            rare(7)
        });
        let case = quote!({ { } { -> impl ::std::process::Termination } { |_| super::t() } { 20 } { #faults } });
        let cases = quote!(a::b::__test::tokio! #case a::b::__test::smol! #case).to_string();
        assert!(text.to_string().contains(&cases), "{text}");
    }

    #[test]
    fn each_misuse_says_what_to_do() {
        let good = quote!(
            async fn t(system: System) {}
        );
        assert!(
            error(
                quote!(),
                quote!(
                    fn t() {}
                )
            )
            .contains("add `async`, or use the plain `#[test]`")
        );
        assert!(
            error(
                quote!(),
                quote!(
                    async fn t(a: A, b: B) {}
                )
            )
            .contains("remove this parameter")
        );
        assert!(
            error(
                quote!(),
                quote!(
                    #[test]
                    async fn t() {}
                )
            )
            .contains("remove the other test attribute")
        );
        // With the macros in the other order, this is the output of the first one.
        let outer = quote! {
            #[::core::prelude::v1::test]
            fn t() {}
        };
        for item in [
            quote!(
                #[tokio::test]
                async fn t() {}
            ),
            outer,
        ] {
            let text = error(quote!(), item);
            assert!(text.matches("compile_error").count() == 1 && text.contains("remove the other test"), "{text}");
        }
        assert!(error(quote!(backend = "smol"), good.clone()).contains("unknown option `backend`"));
        assert!(error(quote!(backends = []), good.clone()).contains("an empty list runs nothing"));
        assert!(error(quote!(backends = [smol, smol]), good.clone()).contains("`smol` is named twice"));
        assert!(error(quote!(seeds = 0), good).contains("no seed runs nothing"));
    }
}
