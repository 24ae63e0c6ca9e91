//! Types and names on their way to C.

use std::ffi::{CStr, CString, c_char};

use crate::abi::{ArrowSchema, NULLABLE};

/// Name, type and metadata of a column.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The type as the specification writes it, e.g. `g` for a double.
    format: &'static CStr,
    name: CString,
    nullable: bool,
    metadata: Vec<u8>,
    children: Vec<Field>,
    dictionary: Option<Box<Field>>,
}

impl Field {
    /// A column without children.
    pub(crate) fn new(name: &str, format: &'static CStr) -> Field {
        Field {
            format,
            name: CString::new(name.replace('\0', "\\0")).unwrap_or_default(),
            nullable: false,
            metadata: Vec::new(),
            children: Vec::new(),
            dictionary: None,
        }
    }

    /// The row of a table: a struct of its columns.
    pub(crate) fn record(children: Vec<Field>) -> Field {
        Field {
            children,
            ..Field::new("", c"+s")
        }
    }

    /// A column of numbers that stand for texts.
    pub(crate) fn dictionary(name: &str) -> Field {
        Field {
            dictionary: Some(Box::new(Field::new("", c"u"))),
            ..Field::new(name, c"i")
        }
    }

    /// The same, where values may be absent.
    pub(crate) fn nullable(self) -> Field {
        Field {
            nullable: true,
            ..self
        }
    }

    /// The same with notes for the reader.
    pub(crate) fn with_metadata(self, pairs: &[(&str, String)]) -> Field {
        let mut metadata = Vec::new();
        let mut push = |bytes: &[u8]| metadata.extend_from_slice(bytes);
        push(&length(pairs.len()));
        for (key, value) in pairs {
            push(&length(key.len()));
            push(key.as_bytes());
            push(&length(value.len()));
            push(value.as_bytes());
        }
        Field { metadata, ..self }
    }

    /// As C has it.
    pub(crate) fn export(self) -> ArrowSchema {
        let children = self.children.into_iter().map(|child| boxed(child.export()));
        let dictionary = self.dictionary.map(|field| boxed(field.export()));
        let private = Box::into_raw(Box::new(Private {
            name: self.name,
            metadata: self.metadata,
            children: children.collect(),
            dictionary,
        }));
        // SAFETY: it was made just now, and is not moved before it is released.
        let kept = unsafe { &mut *private };
        ArrowSchema {
            format: self.format.as_ptr(),
            name: kept.name.as_ptr(),
            metadata: match kept.metadata.is_empty() {
                true => std::ptr::null(),
                false => kept.metadata.as_ptr().cast::<c_char>(),
            },
            flags: if self.nullable { NULLABLE } else { 0 },
            n_children: kept.children.len() as i64,
            children: kept.children.as_mut_ptr(),
            dictionary: kept.dictionary.unwrap_or(std::ptr::null_mut()),
            release: Some(release),
            private_data: private.cast(),
        }
    }
}

/// A length as metadata have it: native byte order.
fn length(count: usize) -> [u8; 4] {
    i32::try_from(count).unwrap_or(0).to_ne_bytes()
}

fn boxed(schema: ArrowSchema) -> *mut ArrowSchema {
    Box::into_raw(Box::new(schema))
}

/// What a schema's pointers lead to.
struct Private {
    name: CString,
    metadata: Vec<u8>,
    children: Vec<*mut ArrowSchema>,
    dictionary: Option<*mut ArrowSchema>,
}

impl Drop for Private {
    fn drop(&mut self) {
        for child in self.children.drain(..).chain(self.dictionary.take()) {
            // SAFETY: `boxed` made it, and this is its only owner. One that the consumer has
            // moved away is marked as released, so that only its memory goes.
            drop(unsafe { Box::from_raw(child) });
        }
    }
}

/// # Safety
/// `schema` is NULL, or a schema that `Field::export` made, here or moved.
unsafe extern "C" fn release(schema: *mut ArrowSchema) {
    // SAFETY: by this function's contract.
    let Some(schema) = (unsafe { schema.as_mut() }) else {
        return;
    };
    if schema.release.take().is_some() {
        // SAFETY: `export` made it, and `release` was not taken before.
        drop(unsafe { Box::from_raw(schema.private_data.cast::<Private>()) });
        schema.private_data = std::ptr::null_mut();
    }
}
