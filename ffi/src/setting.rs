//! The settings that there are: what each is, its unit, its range and its default.

use std::ffi::{CString, c_char};
use std::mem::offset_of;

use once_cell::race::OnceBox;
use usm_core::config::{SETTINGS, Setting, SettingKind};

use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::out;
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// On or off: usm_config_set_bool().
pub const USM_SETTING_SWITCH: u32 = 0;
/// A number with a fraction: usm_config_set_number().
pub const USM_SETTING_NUMBER: u32 = 1;
/// A whole number: usm_config_set_number().
pub const USM_SETTING_COUNT: u32 = 2;
/// One of some words: usm_config_set_text().
pub const USM_SETTING_CHOICE: u32 = 3;
/// A folder: usm_config_set_text().
pub const USM_SETTING_FOLDER: u32 = 4;
/// A file: usm_config_set_text().
pub const USM_SETTING_FILE: u32 = 5;
/// Some texts, as one text separated by commas: usm_config_set_text().
pub const USM_SETTING_TEXTS: u32 = 6;

/// What one setting is. The texts live for ever.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_setting {
    /// sizeof(usm_setting) in the caller's program, as usm_setting_init() sets it.
    pub struct_size: u32,
    /// What it takes: USM_SETTING_...
    pub kind: u32,
    /// 1 when a change acts on a running monitor, 0 when only from the next start on.
    pub is_live: u32,
    /// 1 when it may be set to "", which means the default place or an empty list; else 0.
    pub may_be_empty: u32,
    /// Its name, the same in every language, in files and (as USM_...) in the environment.
    pub name: *const c_char,
    /// What it does, in one line.
    pub about: *const c_char,
    /// Its default, as usm_config_get_text() gives it; NULL for a path that is not set.
    pub default_text: *const c_char,
    /// What it may be, in words.
    pub allowed: *const c_char,
    /// Unit of the number, or what the texts are; NULL where there is none.
    pub unit: *const c_char,
    /// Least value of a number; NaN for what is none.
    pub least: f64,
    /// Greatest value of a number; NaN for what is none.
    pub most: f64,
}

const SETTING: PlainSize = PlainSize {
    least: offset_of!(usm_setting, default_text),
    allowed: "sizeof(usm_setting); call usm_setting_init() first",
};

/// Tells how many settings there are.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_setting_count(count: *mut usize) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { out(count, "count")? }.write(SETTINGS.len());
        Ok(())
    })
}

/// Copies what a setting is, in the order in which people are shown them.
///
/// - index: 0 to the number of settings - 1.
/// - setting: filled as far as its struct_size goes; see usm_setting_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_setting_at(index: usize, setting: *mut usm_setting) -> usm_status {
    guard(|| {
        element(SETTINGS, "index", index)?;
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { fill(index, setting) }
    })
}

/// Copies what the setting of a name is.
///
/// - name: name of the setting.
/// - setting: filled as far as its struct_size goes; see usm_setting_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting (the message
/// tells the nearest), or a struct_size that no version of this header has;
/// USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_setting_named(
    name: *const c_char,
    setting: *mut usm_setting,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a text.
        let found = Setting::named(unsafe { text::read(name, "name")? })?;
        let mut settings = SETTINGS.iter();
        let index = settings.position(|setting| setting.name == found.name);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { fill(index.unwrap_or(SETTINGS.len()), setting) }
    })
}

/// # Safety
/// As for [`plain::fill`].
unsafe fn fill(index: usize, place: *mut usm_setting) -> Result<(), Failure> {
    let setting = element(SETTINGS, "index", index)?;
    let texts = element(all_texts(), "index", index)?;
    let make = |struct_size| usm_setting::of(setting, texts, struct_size);
    // SAFETY: by this function's contract.
    unsafe { plain::fill(place, "setting", SETTING, make) }
}

/// The texts of a setting.
struct Texts {
    name: CString,
    about: CString,
    default_text: Option<CString>,
    allowed: CString,
    unit: Option<CString>,
}

/// Those of every setting, made when the first is asked for; without a lock, so that a forked
/// child never finds it held.
fn all_texts() -> &'static [Texts] {
    static ALL: OnceBox<Vec<Texts>> = OnceBox::new();
    ALL.get_or_init(|| Box::new(SETTINGS.iter().map(Texts::of).collect()))
}

impl Texts {
    fn of(setting: &Setting) -> Texts {
        Texts {
            name: text::kept(setting.name),
            about: text::kept(setting.about),
            default_text: text::kept_optional(setting.default_text().as_ref()),
            allowed: text::kept(&setting.allowed()),
            unit: setting.unit().map(text::kept),
        }
    }
}

impl usm_setting {
    fn of(setting: &Setting, texts: &Texts, struct_size: u32) -> usm_setting {
        let (kind, may_be_empty) = match setting.kind {
            SettingKind::Switch => (USM_SETTING_SWITCH, false),
            SettingKind::Number { .. } => (USM_SETTING_NUMBER, false),
            SettingKind::Count { .. } => (USM_SETTING_COUNT, false),
            SettingKind::Choice(_) => (USM_SETTING_CHOICE, false),
            SettingKind::Folder => (USM_SETTING_FOLDER, false),
            SettingKind::OptionalFolder => (USM_SETTING_FOLDER, true),
            SettingKind::OptionalFile => (USM_SETTING_FILE, true),
            SettingKind::Texts { .. } => (USM_SETTING_TEXTS, true),
        };
        let (least, most) = setting.range().unwrap_or((f64::NAN, f64::NAN));
        usm_setting {
            struct_size,
            kind,
            is_live: setting.live.into(),
            may_be_empty: may_be_empty.into(),
            name: texts.name.as_ptr(),
            about: texts.about.as_ptr(),
            default_text: text::pointer(texts.default_text.as_ref()),
            allowed: texts.allowed.as_ptr(),
            unit: text::pointer(texts.unit.as_ref()),
            least,
            most,
        }
    }
}
