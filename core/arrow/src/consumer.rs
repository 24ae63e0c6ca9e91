//! A consumer as C would write it, for the tests: it sees pointers and follows the
//! specification, and no code of the exporting side.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_void};

use crate::abi::{ArrowArray, ArrowArrayStream, ArrowSchema};

/// A value as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Number(f64),
    Whole(i64),
    Text(String),
    Flag(bool),
}

/// A column as it was read.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) format: String,
    pub(crate) nullable: bool,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) values: Vec<Value>,
    /// Where the values are.
    pub(crate) data: *const c_void,
}

/// A batch as it was read.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) columns: Vec<Column>,
}

impl Batch {
    pub(crate) fn column(&self, name: &str) -> &Column {
        let found = self.columns.iter().find(|column| column.name == name);
        found.unwrap_or_else(|| panic!("no column {name} in {:#?}", self.columns))
    }

    pub(crate) fn values(&self, name: &str) -> &[Value] {
        &self.column(name).values
    }
}

/// The schema of a stream.
pub(crate) fn schema_of(stream: &mut ArrowArrayStream) -> ArrowSchema {
    let mut schema = ArrowSchema::EMPTY;
    // SAFETY: the stream is not released.
    let status = unsafe { (stream.get_schema.unwrap())(stream, &mut schema) };
    assert_eq!(status, 0);
    schema
}

/// The next array of a stream.
pub(crate) fn next_of(stream: &mut ArrowArrayStream) -> ArrowArray {
    let mut array = ArrowArray::EMPTY;
    // SAFETY: the stream is not released.
    let status = unsafe { (stream.get_next.unwrap())(stream, &mut array) };
    assert_eq!(status, 0);
    array
}

/// Reads the one batch of a stream and sees its end.
pub(crate) fn read(mut stream: ArrowArrayStream) -> Batch {
    let (schema, array) = (schema_of(&mut stream), next_of(&mut stream));
    assert!(next_of(&mut stream).release.is_none());
    drop(stream);
    read_batch(&schema, &array)
}

/// Reads an array by its schema.
pub(crate) fn read_batch(schema: &ArrowSchema, array: &ArrowArray) -> Batch {
    assert_eq!(text(schema.format), "+s");
    assert_eq!((array.n_buffers, array.null_count, array.offset), (1, 0, 0));
    assert_eq!(schema.n_children, array.n_children);
    let children = 0..schema.n_children as usize;
    Batch {
        metadata: metadata(schema.metadata),
        columns: children
            .map(|at| {
                // SAFETY: there are `n_children` of both.
                let (schema, child) =
                    unsafe { (&**schema.children.add(at), &**array.children.add(at)) };
                assert_eq!(child.length, array.length);
                read_column(schema, child)
            })
            .collect(),
    }
}

/// Reads a column.
pub(crate) fn read_column(schema: &ArrowSchema, array: &ArrowArray) -> Column {
    Column {
        name: text(schema.name),
        format: text(schema.format),
        nullable: schema.flags & 2 != 0,
        metadata: metadata(schema.metadata),
        values: read_values(schema, array),
        data: buffer(array, 1),
    }
}

fn read_values(schema: &ArrowSchema, array: &ArrowArray) -> Vec<Value> {
    assert_eq!(array.offset, 0);
    let length = array.length as usize;
    let is_there = |at: usize| match buffer(array, 0) {
        bits if bits.is_null() => true,
        bits => bit(bits, at),
    };
    let values: Vec<Value> = (0..length)
        .map(|at| match is_there(at) {
            true => value(schema, array, at),
            false => Value::Null,
        })
        .collect();
    let nulls = values.iter().filter(|value| **value == Value::Null).count();
    assert_eq!(array.null_count as usize, nulls);
    values
}

fn value(schema: &ArrowSchema, array: &ArrowArray, at: usize) -> Value {
    let data = buffer(array, 1);
    // SAFETY: the format says what is in the buffer, and `at` is below the length.
    unsafe {
        match text(schema.format).as_str() {
            "g" => Value::Number(*data.cast::<f64>().add(at)),
            "i" if !schema.dictionary.is_null() => {
                let texts = read_values(&*schema.dictionary, &*array.dictionary);
                texts[*data.cast::<i32>().add(at) as usize].clone()
            }
            "i" => Value::Whole((*data.cast::<i32>().add(at)).into()),
            "I" => Value::Whole((*data.cast::<u32>().add(at)).into()),
            "L" => Value::Whole(*data.cast::<u64>().add(at) as i64),
            "tsu:UTC" => Value::Whole(*data.cast::<i64>().add(at)),
            "b" => Value::Flag(bit(data, at)),
            "u" => {
                let ends = data.cast::<i32>();
                let (from, to) = (*ends.add(at) as usize, *ends.add(at + 1) as usize);
                Value::Text(match from == to {
                    true => String::new(),
                    false => {
                        let start = buffer(array, 2).cast::<u8>().add(from);
                        let bytes = std::slice::from_raw_parts(start, to - from);
                        String::from_utf8(bytes.to_vec()).unwrap()
                    }
                })
            }
            other => panic!("a type that is not expected: {other}"),
        }
    }
}

fn bit(bits: *const c_void, at: usize) -> bool {
    // SAFETY: there is a bit for each value.
    unsafe { *bits.cast::<u8>().add(at / 8) >> (at % 8) & 1 == 1 }
}

fn buffer(array: &ArrowArray, at: usize) -> *const c_void {
    assert!((at as i64) < array.n_buffers);
    // SAFETY: there are `n_buffers`.
    unsafe { *array.buffers.add(at) }
}

fn text(pointer: *const c_char) -> String {
    // SAFETY: names and formats end with a NUL byte.
    unsafe { CStr::from_ptr(pointer) }
        .to_str()
        .unwrap()
        .to_string()
}

/// Pairs of key and value, each with its length before it.
fn metadata(pointer: *const c_char) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    if pointer.is_null() {
        return pairs;
    }
    let mut at = pointer.cast::<u8>();
    // SAFETY: the lengths say how far it goes.
    unsafe {
        let mut number = || {
            let bytes = at.cast::<[u8; 4]>().read_unaligned();
            at = at.add(4);
            i32::from_ne_bytes(bytes) as usize
        };
        let count = number();
        for _ in 0..count {
            let mut part = || {
                let bytes = at.cast::<[u8; 4]>().read_unaligned();
                let length = i32::from_ne_bytes(bytes) as usize;
                let bytes = std::slice::from_raw_parts(at.add(4), length).to_vec();
                at = at.add(4 + length);
                String::from_utf8(bytes).unwrap()
            };
            let key = part();
            pairs.insert(key, part());
        }
    }
    pairs
}
