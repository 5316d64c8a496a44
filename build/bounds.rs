//! Writes `impl Bounded` for every message from the `(tailgrant.v1.bounds)` options of its fields.
//! The functions that the written code calls are in `src/proto/bounds.rs`.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;

use heck::{ToSnakeCase, ToUpperCamelCase};
use protox::prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor,
    OneofDescriptor,
};

/// The source text of all checks.
pub(crate) fn generate(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let extension = |name: &str| {
        pool.all_extensions().find(|it| it.full_name() == name).ok_or(format!("no option {name}"))
    };
    let options = Options {
        bounds: extension("tailgrant.v1.bounds")?,
        exactly_one: extension("tailgrant.v1.exactly_one")?,
    };
    let messages: Vec<MessageDescriptor> = pool
        .all_messages()
        .filter(|message| message.package_name().starts_with(super::BOUNDED) && !message.is_map_entry())
        .collect();
    let bounded = options.bounded(&messages);
    let writer = Writer { options, bounded };
    messages.iter().map(|message| writer.message(message)).collect()
}

/// The two options of `tailgrant/v1/bounds.proto`.
struct Options {
    bounds: ExtensionDescriptor,
    exactly_one: ExtensionDescriptor,
}

impl Options {
    fn of(&self, field: &FieldDescriptor) -> Option<Bounds> {
        let options = field.options();
        let bounds = options.has_extension(&self.bounds).then(|| options.get_extension(&self.bounds))?;
        bounds.as_message().cloned().map(Bounds)
    }

    fn exactly_one(&self, oneof: &OneofDescriptor) -> bool {
        oneof.options().get_extension(&self.exactly_one).as_bool() == Some(true)
    }

    /// The messages that have bounds of their own or contain one that has.
    fn bounded(&self, messages: &[MessageDescriptor]) -> BTreeSet<String> {
        let mut bounded = BTreeSet::new();
        loop {
            let before = bounded.len();
            for message in messages {
                let own = message.oneofs().any(|oneof| self.exactly_one(&oneof))
                    || message.fields().any(|field| {
                        self.of(&field).is_some()
                            || part(&field).is_some_and(|part| bounded.contains(part.full_name()))
                    });
                if own {
                    bounded.insert(message.full_name().to_owned());
                }
            }
            if bounded.len() == before {
                return bounded;
            }
        }
    }
}

/// The message that a field holds: itself, in a list, or as the value of a map.
fn part(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    let kind = field.kind();
    let message = kind.as_message()?;
    if !message.is_map_entry() {
        return Some(message.clone());
    }
    message.map_entry_value_field().kind().as_message().cloned()
}

/// One `tailgrant.v1.Bounds`.
struct Bounds(DynamicMessage);

impl Bounds {
    fn flag(&self, name: &str) -> bool {
        self.0.get_field_by_name(name).and_then(|value| value.as_bool()).unwrap_or(false)
    }

    fn inner(&self, name: &str) -> Option<DynamicMessage> {
        self.0.has_field_by_name(name).then(|| self.0.get_field_by_name(name)?.as_message().cloned())?
    }

    /// Both ends of a `Range` or `Interval`, as the source text of two `Option`s.
    fn ends(&self, name: &str) -> Option<String> {
        let range = self.inner(name)?;
        let end = |end: &str| match range.has_field_by_name(end).then(|| range.get_field_by_name(end)) {
            Some(Some(value)) => {
                let number = value.as_u64().map(|it| it.to_string());
                format!("Some({})", number.or(value.as_i64().map(|it| it.to_string())).unwrap_or_default())
            }
            _ => "None".to_owned(),
        };
        Some(format!("{}, {}", end("min"), end("max")))
    }

    fn format(&self) -> Option<&'static str> {
        match self.0.get_field_by_name("format")?.as_enum_number()? {
            1 => Some("email"),
            2 => Some("https_uri"),
            3 => Some("alphanumeric"),
            4 => Some("word"),
            _ => None,
        }
    }
}

struct Writer {
    options: Options,
    bounded: BTreeSet<String>,
}

impl Writer {
    fn message(&self, message: &MessageDescriptor) -> Result<String, Box<dyn Error>> {
        let mut body = String::new();
        for oneof in message.oneofs().filter(|oneof| self.options.exactly_one(oneof)) {
            let name = oneof.name();
            write!(
                body,
                "if self.{}.is_none() {{ return Err(bounds::missing(&at.field({name:?}))); }}",
                field_name(name)
            )?;
        }
        for field in message.fields() {
            self.field(&field, &mut body)?;
        }
        let at = if body.is_empty() { "_" } else { "at" };
        Ok(format!(
            "impl Bounded for {} {{ fn check_at(&self, {at}: &Path<'_>) -> Result<(), OutOfBounds> {{ {body} Ok(()) }} }}\n",
            type_path(message.package_name(), message.full_name()),
        ))
    }

    /// Writes the checks of one field, if it has any.
    fn field(&self, field: &FieldDescriptor, body: &mut String) -> Result<(), Box<dyn Error>> {
        let bounds = self.options.of(field);
        let checks = match &bounds {
            Some(bounds) if !field.is_list() => self.checks(&field.kind(), Some(bounds))?,
            Some(bounds) => self.checks(&field.kind(), bounds.inner("each").map(Bounds).as_ref())?,
            None => self.checks(&field.kind(), None)?,
        };
        let required = bounds.as_ref().is_some_and(|bounds| bounds.flag("required"));
        if checks.is_empty() && bounds.is_none() {
            return Ok(());
        }
        let name = field.name();
        let member = field_name(name);
        write!(body, "\n{{ let at = &at.field({name:?}); ")?;
        if field.is_map() {
            write!(body, "for value in self.{member}.values() {{ {checks} }}")?;
        } else if field.is_list() {
            let list = bounds.map(|bounds| list_checks(&bounds)).unwrap_or_default();
            write!(body, "let list = &self.{member}; {list}")?;
            if !checks.is_empty() {
                write!(
                    body,
                    "for (index, value) in list.iter().enumerate() {{ let at = &at.index(index); {checks} }}"
                )?;
            }
        } else if let Some(oneof) = field.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
            let parent = oneof.parent_message();
            let enumeration = format!(
                "{}::{}",
                module_path(parent.package_name(), parent.full_name()),
                oneof.name().to_upper_camel_case()
            );
            let (member, variant) = (field_name(oneof.name()), name.to_upper_camel_case());
            write!(body, "if let Some({enumeration}::{variant}(value)) = &self.{member} {{ {checks} }}")?;
        } else if field.supports_presence() {
            if required {
                writeln!(body, "if self.{member}.is_none() {{ return Err(bounds::missing(at)); }}")?;
            }
            if !checks.is_empty() {
                write!(body, "if let Some(value) = &self.{member} {{ {checks} }}")?;
            }
        } else {
            write!(body, "let value = &self.{member}; {checks}")?;
        }
        body.push_str(" }");
        Ok(())
    }

    /// The checks of one value, which the written code has as the reference `value`.
    fn checks(&self, kind: &Kind, bounds: Option<&Bounds>) -> Result<String, Box<dyn Error>> {
        let mut checks = String::new();
        if let Kind::Message(message) = kind {
            let part =
                if message.is_map_entry() { message.map_entry_value_field().kind() } else { kind.clone() };
            if part.as_message().is_some_and(|part| self.bounded.contains(part.full_name())) {
                checks.push_str("value.check_at(at)?;");
            }
        }
        let Some(bounds) = bounds else { return Ok(checks) };
        if let Some(ends) = bounds.ends("bytes") {
            write!(checks, "bounds::bytes(value.len(), {ends}, at)?;")?;
        }
        if let Some(ends) = bounds.ends("characters") {
            write!(checks, "bounds::characters(value, {ends}, at)?;")?;
        }
        if let Some(format) = bounds.format() {
            write!(checks, "bounds::{format}(value, at)?;")?;
        }
        if let Some(ends) = bounds.ends("value") {
            match kind {
                Kind::Message(_) => write!(checks, "bounds::seconds(value, {ends}, at)?;")?,
                _ => write!(checks, "bounds::number(i64::from(*value), {ends}, at)?;")?,
            }
        }
        if let (true, Kind::Enum(declared)) = (bounds.flag("defined"), kind) {
            let path = type_path(declared.package_name(), declared.full_name());
            write!(checks, "bounds::defined::<{path}>(*value, at)?;")?;
        }
        if bounds.flag("or_empty") {
            checks = format!("if !value.is_empty() {{ {checks} }}");
        }
        Ok(checks)
    }
}

/// The checks of a list as a whole, which the written code has as the reference `list`.
fn list_checks(bounds: &Bounds) -> String {
    let mut checks = String::new();
    if let Some(ends) = bounds.ends("items") {
        checks = format!("bounds::items(list.len(), {ends}, at)?;");
    }
    if bounds.flag("unique") {
        checks.push_str("bounds::unique(list, at)?;");
    }
    checks
}

/// Path of the generated type: nested messages and enums are in a module named after the outer one.
fn type_path(package: &str, full_name: &str) -> String {
    let (outer, name) = full_name.rsplit_once('.').unwrap_or_default();
    format!("{}::{}", module_path(package, outer), name.to_upper_camel_case())
}

/// Path of the module that holds what is declared inside `full_name`, a package or a message.
fn module_path(package: &str, full_name: &str) -> String {
    let inside = full_name.strip_prefix(package).unwrap_or_default();
    let modules = package.split('.').chain(inside.split('.').filter(|name| !name.is_empty()));
    modules.fold("crate::proto".to_owned(), |path, name| path + "::" + &name.to_snake_case())
}

/// Name of the generated struct member.
fn field_name(name: &str) -> String {
    match name {
        "type" | "default" | "in" | "bool" | "enum" | "match" | "ref" => format!("r#{name}"),
        _ => name.to_snake_case(),
    }
}
