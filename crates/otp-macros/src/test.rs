//! `#[test]`: one async function, one test for each backend.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, ItemFn, LitInt, Path, ReturnType, Token};

use crate::errors::Errors;
use crate::{attributes, function, options};

struct Options {
    krate: Path,
    /// `None` stands for every backend that the facade was built with.
    backends: Option<Vec<Ident>>,
    /// How many seeds the simulator tries.
    seeds: Option<LitInt>,
}

impl Options {
    fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut parsed = Self { krate: options::default_crate(), backends: None, seeds: None };
        options::parse(tokens, "`backends = [name, …]`, `seeds = number` and `crate = path`", |key, value| {
            match key {
                "crate" => parsed.krate = options::crate_path(value)?,
                "seeds" => {
                    let seeds = value.parse::<LitInt>()?;
                    if seeds.base10_parse::<u64>()? == 0 {
                        return Err(syn::Error::new(seeds.span(), "no seed runs nothing; name a number from 1 on"));
                    }
                    parsed.seeds = Some(seeds);
                }
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

/// The expansion of `#[test(options)] item`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = errors.take(Options::parse(options));
    let Some(function) = errors.take(syn::parse2::<ItemFn>(item)) else {
        return errors.into_compile_errors();
    };
    function::check(&function, "#[otp::test]", ", or use the plain `#[test]`", &mut errors);
    for attribute in function.attrs.iter().filter(|attribute| attribute.path().is_ident("test")) {
        errors.add(attribute, "`#[otp::test]` writes this attribute itself; remove it");
    }
    match (errors.finish(), options) {
        (Ok(()), Some(options)) => generate(&options, function),
        (result, _) => result.err().map(syn::Error::into_compile_error).unwrap_or_default(),
    }
}

/// The function stays where it is, so all that it names is in scope. The tests go into a module of the function's name
/// beside it, which is possible because functions and modules have their names apart.
fn generate(options: &Options, mut function: ItemFn) -> TokenStream {
    let krate = &options.krate;
    let name = function.sig.ident.clone();
    let body = function::body(&function, &quote!(super::#name));
    let tests: Vec<Attribute> = attributes::take(&mut function.attrs, |attribute| !stays_on_body(attribute));
    let cfgs: Vec<Attribute> =
        function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
    // The type itself may be out of scope in the module. `should_panic` wants no return type at all where there is none.
    let output = match function.sig.output {
        ReturnType::Default => quote!(),
        ReturnType::Type(..) => quote!(-> impl ::std::process::Termination),
    };
    let seeds = &options.seeds;
    let case = quote!({ #(#tests)* } { #output } { #body } { #seeds });
    let cases = match &options.backends {
        None => quote!(#krate::__test::all! { #case }),
        Some(backends) => backends
            .iter()
            // A name that the facade does not know is shown where the user wrote it.
            .map(|backend| quote_spanned!(backend.span()=> #krate::__test::#backend! { #case }))
            .collect(),
    };
    quote! {
        #[cfg(test)]
        // It may be that no backend is enabled, or none of those it was restricted to.
        #[allow(dead_code)]
        #function

        #(#cfgs)*
        #[cfg(test)]
        mod #name {
            #cases
        }
    }
}

/// What is about the code stays with the code, what is about running it goes to each test.
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
                ::otp::__test::all! { { #[should_panic(expected = "boom")] } { } { super::it_breaks } { } }
            }
        };
        assert_eq!(expand(quote!(), item).to_string(), expected.to_string());
    }

    #[test]
    fn a_restricted_test_names_each_backend_and_a_result_is_reported() {
        let text = expand(
            quote!(backends = [tokio, smol], seeds = 20, crate = a::b),
            quote!(
                async fn t() -> Result<(), E> {
                    Ok(())
                }
            ),
        );
        let case = quote!({ { } { -> impl ::std::process::Termination } { |_| super::t() } { 20 } });
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
            .contains("writes this attribute itself")
        );
        assert!(error(quote!(backend = "smol"), good.clone()).contains("unknown option `backend`"));
        assert!(error(quote!(backends = []), good.clone()).contains("an empty list runs nothing"));
        assert!(error(quote!(backends = [smol, smol]), good.clone()).contains("`smol` is named twice"));
        assert!(error(quote!(seeds = 0), good).contains("no seed runs nothing"));
    }
}
