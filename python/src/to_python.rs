//! Any serialisable value of core as plain Python objects: structures become dicts.

use std::fmt::Display;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use serde::ser::{self, Serialize};

/// `value` in dicts, lists, tuples, strings, numbers, booleans and `None`.
pub(crate) fn to_python<'py, T: Serialize + ?Sized>(
    py: Python<'py>,
    value: &T,
) -> PyResult<Bound<'py, PyAny>> {
    value
        .serialize(ToPython(py))
        .map_err(|Failure(error)| error)
}

/// An exception on its way through serde.
#[derive(Debug)]
struct Failure(PyErr);

impl std::error::Error for Failure {}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ser::Error for Failure {
    fn custom<T: Display>(message: T) -> Failure {
        Failure(PyTypeError::new_err(message.to_string()))
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Failure {
        Failure(error)
    }
}

type Made<'py> = Result<Bound<'py, PyAny>, Failure>;

#[derive(Clone, Copy)]
struct ToPython<'py>(Python<'py>);

/// Items of a list or tuple.
struct Items<'py> {
    py: Python<'py>,
    items: Vec<Bound<'py, PyAny>>,
    is_tuple: bool,
    variant: Option<&'static str>,
}

/// Entries of a dict.
struct Entries<'py> {
    dict: Bound<'py, PyDict>,
    key: Option<Bound<'py, PyAny>>,
    variant: Option<&'static str>,
}

impl<'py> ToPython<'py> {
    fn items(self, length: usize, is_tuple: bool, variant: Option<&'static str>) -> Items<'py> {
        Items {
            py: self.0,
            items: Vec::with_capacity(length),
            is_tuple,
            variant,
        }
    }

    fn entries(self, variant: Option<&'static str>) -> Entries<'py> {
        Entries {
            dict: PyDict::new(self.0),
            key: None,
            variant,
        }
    }

    fn named(self, variant: Option<&'static str>, value: Bound<'py, PyAny>) -> Made<'py> {
        let Some(name) = variant else {
            return Ok(value);
        };
        let dict = PyDict::new(self.0);
        dict.set_item(PyString::intern(self.0, name), value)?;
        Ok(dict.into_any())
    }
}

macro_rules! scalar {
    ($($method:ident: $type:ty),* $(,)?) => {
        $(fn $method(self, value: $type) -> Made<'py> {
            Ok(value.into_bound_py_any(self.0)?)
        })*
    };
}

impl<'py> ser::Serializer for ToPython<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;
    type SerializeSeq = Items<'py>;
    type SerializeTuple = Items<'py>;
    type SerializeTupleStruct = Items<'py>;
    type SerializeTupleVariant = Items<'py>;
    type SerializeMap = Entries<'py>;
    type SerializeStruct = Entries<'py>;
    type SerializeStructVariant = Entries<'py>;

    scalar! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_f32: f32, serialize_f64: f64, serialize_char: char,
        serialize_str: &str, serialize_bytes: &[u8],
    }

    fn serialize_none(self) -> Made<'py> {
        Ok(self.0.None().into_bound(self.0))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Made<'py> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Made<'py> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Made<'py> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Made<'py> {
        Ok(PyString::intern(self.0, variant).into_any())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Made<'py> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Made<'py> {
        let value = value.serialize(self)?;
        self.named(Some(variant), value)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'py>, Failure> {
        Ok(self.items(length.unwrap_or(0), false, None))
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'py>, Failure> {
        Ok(self.items(length, true, None))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items<'py>, Failure> {
        Ok(self.items(length, true, None))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'py>, Failure> {
        Ok(self.items(length, true, Some(variant)))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Entries<'py>, Failure> {
        Ok(self.entries(None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries<'py>, Failure> {
        Ok(self.entries(None))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Entries<'py>, Failure> {
        Ok(self.entries(Some(variant)))
    }
}

impl<'py> Items<'py> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.items.push(value.serialize(ToPython(self.py))?);
        Ok(())
    }

    fn finish(self) -> Made<'py> {
        let value = match self.is_tuple {
            true => PyTuple::new(self.py, self.items)?.into_any(),
            false => PyList::new(self.py, self.items)?.into_any(),
        };
        ToPython(self.py).named(self.variant, value)
    }
}

impl<'py> Entries<'py> {
    fn set<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Failure> {
        let py = self.dict.py();
        // The same few keys come for every process: one string object for all.
        self.dict
            .set_item(PyString::intern(py, key), value.serialize(ToPython(py))?)?;
        Ok(())
    }

    fn finish(self) -> Made<'py> {
        let py = self.dict.py();
        ToPython(py).named(self.variant, self.dict.into_any())
    }
}

macro_rules! items {
    ($($trait:ident: $method:ident),*) => {
        $(impl<'py> ser::$trait for Items<'py> {
            type Ok = Bound<'py, PyAny>;
            type Error = Failure;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
                self.push(value)
            }

            fn end(self) -> Made<'py> {
                self.finish()
            }
        })*
    };
}

items! {
    SerializeSeq: serialize_element, SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field
}

macro_rules! entries {
    ($($trait:ident),*) => {
        $(impl<'py> ser::$trait for Entries<'py> {
            type Ok = Bound<'py, PyAny>;
            type Error = Failure;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Failure> {
                self.set(key, value)
            }

            fn end(self) -> Made<'py> {
                self.finish()
            }
        })*
    };
}

entries! { SerializeStruct, SerializeStructVariant }

impl<'py> ser::SerializeMap for Entries<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        self.key = Some(key.serialize(ToPython(self.dict.py()))?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        let key = self
            .key
            .take()
            .ok_or_else(|| <Failure as ser::Error>::custom("a value without a key"))?;
        self.dict
            .set_item(key, value.serialize(ToPython(self.dict.py()))?)?;
        Ok(())
    }

    fn end(self) -> Made<'py> {
        self.finish()
    }
}
