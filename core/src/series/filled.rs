//! Samples for tests: every field of the type is filled, whichever there are, so that none
//! that is added later can be forgotten.

use serde::de::value::Error;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};
use serde::{Deserialize, de};

use crate::sample::Sample;

/// What the fields are filled with.
trait Source {
    fn integer(&mut self, least: i128, most: i128) -> i128;
    fn float(&mut self) -> f64;
    fn flag(&mut self) -> bool;
    fn is_known(&mut self) -> bool;
    fn length(&mut self) -> usize;
    fn text(&mut self) -> String;
    fn variant(&mut self, count: usize) -> usize;
}

/// A sample in which everything is known and every number is another.
pub(crate) fn distinct() -> Sample {
    filled(&mut Distinct(0))
}

/// A sample of anything, some of it unknown, absurd or of the same name as another. Lists
/// go by pid and by number, as they do in every sample.
pub(crate) fn random(seed: u64) -> Sample {
    let mut source = Random(seed);
    let mut sample: Sample = filled(&mut source);
    for clock in [
        &mut sample.moment.unix_seconds,
        &mut sample.moment.monotonic_seconds,
    ] {
        *clock = source.integer(0, 1 << 40) as f64 / 333.0;
    }
    for sensor in &mut sample.sensors {
        sensor.value = source.integer(-99_999, 99_999) as f64 / 77.0;
    }
    let mut host = (*sample.host).clone();
    host.boot_time_seconds = host.boot_time_seconds.filter(|seconds| seconds.is_finite());
    sample.host = host.into();
    sample.cpu.cores.sort_by_key(|core| core.id);
    sample.cpu.cores.dedup_by_key(|core| core.id);
    sample.processes.list.sort_by_key(|process| process.pid);
    sample.processes.list.dedup_by_key(|process| process.pid);
    sample
}

fn filled<'de, T: Deserialize<'de>>(source: &mut dyn Source) -> T {
    T::deserialize(Fill(source)).unwrap()
}

struct Distinct(i128);

impl Source for Distinct {
    fn integer(&mut self, _: i128, _: i128) -> i128 {
        self.0 += 1;
        self.0
    }

    fn float(&mut self) -> f64 {
        self.integer(0, 0) as f64
    }

    fn flag(&mut self) -> bool {
        true
    }

    fn is_known(&mut self) -> bool {
        true
    }

    fn length(&mut self) -> usize {
        2
    }

    fn text(&mut self) -> String {
        format!("text {}", self.integer(0, 0))
    }

    fn variant(&mut self, count: usize) -> usize {
        // Not the first, which is mostly the default.
        count - 1
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

impl Source for Random {
    fn integer(&mut self, least: i128, most: i128) -> i128 {
        match self.below(20) {
            0 => most,
            1 => least,
            2..=8 => i128::from(self.below(4)).clamp(least, most),
            _ => i128::from(self.below(u64::MAX) >> self.below(64)).clamp(least, most),
        }
    }

    fn float(&mut self) -> f64 {
        match self.below(40) {
            0 => f64::NAN,
            1 => f64::NEG_INFINITY,
            2 => 1e300,
            3 => -0.001,
            4..=9 => 0.0,
            10..=19 => self.below(10_000_000) as f64 / 99_999.0,
            _ => self.below(1 << 40) as f64 / 777.0,
        }
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 0
    }

    fn is_known(&mut self) -> bool {
        self.below(3) > 0
    }

    fn length(&mut self) -> usize {
        self.below(6) as usize
    }

    fn text(&mut self) -> String {
        ["/", "a", "a #2", "coretemp", ""][self.below(5) as usize].to_string()
    }

    fn variant(&mut self, count: usize) -> usize {
        self.below(count as u64) as usize
    }
}

/// Answers whatever a type asks for.
struct Fill<'a>(&'a mut dyn Source);

macro_rules! integers {
    ($($name:ident $visit:ident $type:ty),*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let value = self.0.integer(<$type>::MIN.into(), <$type>::MAX.into());
            visitor.$visit(value as $type)
        }
    )*};
}

impl<'de> Deserializer<'de> for Fill<'_> {
    type Error = Error;

    integers!(
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64
    );

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::invalid_type(
            Unexpected::Other("anything"),
            &"a known type",
        ))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.0.flag())
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.0.float())
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0.text())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0.text())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.is_known() {
            true => visitor.visit_some(self),
            false => visitor.visit_none(),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let left = self.0.length();
        visitor.visit_seq(Members {
            source: self.0,
            left,
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(Fields {
            source: self.0,
            fields,
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(Variant(variants[self.0.variant(variants.len())]))
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct map identifier
        ignored_any
    }
}

struct Members<'a> {
    source: &'a mut dyn Source,
    left: usize,
}

impl<'de> SeqAccess<'de> for Members<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(Fill(self.source)).map(Some)
    }
}

struct Fields<'a> {
    source: &'a mut dyn Source,
    fields: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((field, rest)) = self.fields.split_first() else {
            return Ok(None);
        };
        self.fields = rest;
        seed.deserialize(de::value::StrDeserializer::new(field))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Fill(self.source))
    }
}

struct Variant(&'static str);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Error;
    type Variant = Variant;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Variant), Error> {
        let name = seed.deserialize(de::value::StrDeserializer::new(self.0))?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Error> {
        Err(de::Error::custom("only variants without fields"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("only variants without fields"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(de::Error::custom("only variants without fields"))
    }
}
