#!/usr/bin/env python3
"""Writes, from include/usm.h, one C function for each function of the library that calls it with
arguments chosen by the fuzzer's input (driver.h), and checks what comes back.

    calls.py include/usm.h > calls.inc

An argument's kind is known by its type and its name, so that a function that is new in the
header is driven without a line here. A type that nothing is known of ends the script.
"""

import re
import sys
from zlib import crc32

# Not called, each for a reason.
NEVER = {
    "usm_service_start": "starts a program that outlives this one",
    "usm_service_stop": "would end the program that holds the data folder: this one",
}
# They wait for a sample, the disk or a walk through folders: few of them in one input.
SLOW = re.compile(
    r"_(collect|flush|wait|start|stop|analyze|execute|growth_json|cleanup_preview_json|import|"
    r"extract|report_json|facts_json|test_alert_channel_json|recommend_tools_json|export|migrate|"
    r"report_write|rollback|export_text|export_write)$|"
    r"usm_(monitor|optimizer|recorder)_(new|start|attach|finish)$|usm_(export|migrate)$"
)
# Texts that are a place on the disk: always one in the fuzzer's own folder.
PATHS = {"path", "folder", "from", "to", "file", "data_dir", "output", "source", "target"}
# Texts that decide what the library may act upon: only known ones.
GUARDED = {"scope", "settings_json"}

CALLBACKS = {
    "usm_event_callback": "on_event",
    "usm_log_callback": "on_log",
    "usm_progress_callback": "on_progress",
    "usm_write_callback": "on_write",
}
INTEGERS = {"int32_t", "int64_t", "uint32_t", "uint64_t", "size_t", "usm_status"}


def parse(header):
    text = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    text = re.sub(r"^\s*#.*(\\\n.*)*$", "", text, flags=re.M)
    opaque = re.findall(r"typedef struct (usm_\w+) \1;", text)
    structs = {}
    for name, body in re.findall(r"typedef struct (usm_\w+) \{(.*?)\} \1;", text, flags=re.S):
        fields = []
        for field in body.split(";"):
            field = " ".join(field.split())
            if field:
                kind, name_, length = re.fullmatch(r"(.*?)(\w+)(\[\w+\])?", field).groups()
                fields.append((kind.strip(), name_, length))
        structs[name] = fields
    callbacks = {}
    for returns, name, arguments in re.findall(
        r"typedef (\w+) \(\*(usm_\w+)\)\((.*?)\);", text, flags=re.S
    ):
        callbacks[name] = (returns, [" ".join(a.split()) for a in arguments.split(",")])
    functions = []
    pattern = r"^((?:const char \*)|(?:\w+ ))(usm_\w+)\(([^()]*)\);"
    for returns, name, arguments in re.findall(pattern, text, flags=re.M):
        arguments = [" ".join(a.split()) for a in arguments.split(",")]
        arguments = [re.fullmatch(r"(.*?)(\w+)", a).groups() for a in arguments if a != "void"]
        functions.append((returns.strip(), name, [(k.strip(), n) for k, n in arguments]))
    return opaque, structs, callbacks, functions


def struct_of(kind):
    found = re.search(r"struct (usm_\w+)", kind)
    return found.group(1) if found else None


class Call:
    """One function: what is written before the call, and after it."""

    def __init__(self, world, returns, name, arguments):
        self.opaque, self.structs, self.callbacks = world
        self.returns, self.name, self.arguments = returns, name, arguments
        self.before, self.after, self.passed = [], [], []

    def write(self):
        at = 0
        while at < len(self.arguments):
            at += self.argument(at)
        call = f"{self.name}({', '.join(self.passed)})"
        print(f"static void do_{self.name}(struct source *s) {{")
        if SLOW.search(self.name):
            print("    if (!may_be_slow(s)) return;")
        for line in self.before:
            print("    " + line)
        print(f'    begin_call(s, "{self.name}");')
        if self.returns == "usm_status":
            print(f"    const usm_status status = {call};")
            print("    check_status(s, status);")
        elif self.returns == "void":
            print("    const usm_status status = USM_OK;")
            print(f"    {call};")
            print("    (void)status;")
        elif self.returns == "const char *":
            print("    const usm_status status = USM_OK;")
            print(f"    check_text(s, {call});")
            print("    (void)status;")
        else:
            print("    const usm_status status = USM_OK;")
            print(f"    (void){call};")
            print("    (void)status;")
        for line in self.after:
            print("    " + line)
        print("    end_call(s);\n}\n")

    def argument(self, at):
        """Adds an argument, with those that belong to it; answers how many."""
        kind, name = self.arguments[at]
        v = f"a_{name}"
        struct = struct_of(kind)
        names = [n for _, n in self.arguments]
        if kind in INTEGERS:
            self.let(f"const {kind} {v} = ({kind})take_integer(s, \"{name}\");", v)
        elif kind == "double":
            take = "take_timeout" if re.match("timeout|patience", name) else "take_double"
            self.let(f"const double {v} = {take}(s);", v)
        elif kind == "const char *":
            self.let(f"const char *const {v} = {text(name, self.name)};", v)
        elif kind == "char *":
            self.let(f"char *const {v} = take_owned_text(s);", v)
        elif kind == "const double *":
            self.let("size_t numbers = 0;", None)
            self.let(f"const double *const {v} = take_doubles(s, &numbers);", v)
            self.passed.append("numbers")
            return 2
        elif kind == "char **":
            self.out_pointer(v, "char *", f"keep_text(s, {v}_value);")
        elif kind in ("const char **", "const double **"):
            checked = f"if ({v}_value != NULL) check_text(s, {v}_value);"
            self.out_pointer(v, kind[:-1].strip(), checked if "char" in kind else "")
        elif kind == "struct ArrowArrayStream *":
            self.let(f"struct ArrowArrayStream {v}_value;", None)
            self.let(f"struct ArrowArrayStream *const {v} = take_flag(s) ? &{v}_value : NULL;", v)
            self.after.append(f"if (status == USM_OK && {v} != NULL) read_stream(s, {v});")
        elif kind in self.callbacks:
            self.callback(at, kind)
            return 3 if self.has(at + 2, "destroy") else 2
        elif kind == "void *":
            self.let(None, "NULL")
        elif struct in self.opaque:
            self.handle(kind, name, struct)
        elif struct in self.structs and "element_size" in names and kind.startswith("struct"):
            self.array(struct)
            return 4
        elif struct in self.structs:
            self.plain(kind, name, struct)
        elif re.fullmatch(r"(double|u?int(32|64)_t|size_t) \*", kind):
            self.number_out(kind[:-2], v)
        else:
            sys.exit(f"calls.py: {self.name}: no way to make {name}, a {kind}")
        return 1

    def has(self, at, name):
        return at < len(self.arguments) and self.arguments[at][1] == name

    def let(self, line, passed):
        if line:
            self.before.append(line)
        if passed:
            self.passed.append(passed)

    def out_pointer(self, v, kind, then):
        space = "" if kind.endswith("*") else " "
        self.let(f"{kind}{space}{v}_value = ({kind})&poison;", None)
        self.let(f"{kind}{space}*const {v} = take_flag(s) ? &{v}_value : NULL;", v)
        self.after.append(f"if ({v} != NULL && status != USM_OK) must_be_null(s, {v}_value);")
        if then:
            self.after.append(f"if ({v} != NULL && status == USM_OK) {{ {then} }}")

    def number_out(self, kind, v):
        self.let(f"{kind} {v}_value = ({kind})77;", None)
        self.let(f"{kind} *const {v} = take_flag(s) ? &{v}_value : NULL;", v)
        self.after.append(f"if (status != USM_OK) must_hold(s, {v}_value == ({kind})77);")
        if v == "a_subscription":
            self.after.append(f"if (status == USM_OK && {v} != NULL) keep_number(s, *{v});")
        self.after.append(f"(void){v}_value;")

    def handle(self, kind, name, struct):
        v = f"a_{name}"
        if not kind.endswith("**"):
            take = "take_event(s)" if struct == "usm_event" else f"take_handle(s, KIND_{struct})"
            self.let(f"{kind}const {v} = ({kind}){take};", v)
        elif re.search(r"_(free|finish|release)$", self.name):
            self.let(f"void *{v}_before = NULL;", None)
            self.let(f"{kind}const {v} = ({kind})take_place(s, KIND_{struct}, &{v}_before);", v)
            self.after.append(f"check_freed(s, KIND_{struct}, (void **){v}, {v}_before);")
        elif kind.startswith("const"):
            self.out_pointer(v, kind[:-1].strip(), "")
        else:
            self.out_pointer(v, kind[:-1], f"keep_handle(s, KIND_{struct}, {v}_value);")

    def array(self, struct):
        self.let(f"struct array array = take_array(s, sizeof(struct {struct}));", None)
        self.passed += [f"(struct {struct} *)array.place", "array.element_size", "array.capacity"]
        self.number_out("size_t", "a_count")
        self.after.append("free(array.place);")

    def plain(self, kind, name, struct):
        v = f"a_{name}"
        fields = self.structs[struct]
        if kind.startswith("const"):
            self.let(f"const struct {struct} *const {v} = take_{struct}(s);", v)
            return
        size = f"sizeof(struct {struct})"
        self.let(f"struct room {v}_room = take_room(s, {size});", None)
        self.let(f"struct {struct} *const {v} = (struct {struct} *){v}_room.place;", v)
        self.after.append(f"check_room(s, &{v}_room, status);")
        texts = [f for f in fields if f[0] == "const char *"]
        for _, field, _ in texts:
            end = f"offsetof(struct {struct}, {field}) + sizeof(char *)"
            self.after.append(
                f"if (status == USM_OK && {v} != NULL && {end} <= {v}->struct_size && "
                f"{v}->{field} != NULL) check_text(s, {v}->{field});"
            )
        self.after.append(f"free({v}_room.place); free({v}_room.before);")

    def callback(self, at, kind):
        returns, arguments = self.callbacks[kind]
        known = CALLBACKS
        function = known.get(kind)
        if function is None:
            self.let(None, "NULL")
            self.passed += ["NULL"] * (2 if self.has(at + 2, "destroy") else 1)
            return
        owned = "1" if self.has(at + 2, "destroy") else "0"
        self.let(f"struct cookie *const cookie = new_cookie(s, {owned});", None)
        self.passed += [f"take_flag(s) ? {function} : NULL", "cookie"]
        if self.has(at + 2, "destroy"):
            self.passed.append("on_destroy")
        self.after.append("settle_cookie(s, cookie, status);")


def text(name, function):
    if name in PATHS:
        return "take_path(s)"
    if name in GUARDED:
        return f'take_guarded(s, "{name}")'
    return f'take_text(s, "{name}")'


def write_struct(name, fields, callbacks):
    """A function that makes a struct that is read by the library."""
    print(f"static const struct {name} *take_{name}(struct source *s) {{")
    print(f"    struct {name} value;")
    print("    memset(&value, 0, sizeof value);")
    for kind, field, _ in fields:
        target = f"value.{field}"
        if field == "struct_size":
            print(f"    {target} = (uint32_t)sizeof value;")
        elif field == "dry_run":
            print(f"    {target} = 1;")
        elif kind == "double":
            print(f"    {target} = take_double(s);")
        elif kind == "const char *":
            print(f"    {target} = {text(field, name)};")
        elif kind == "const char *const *":
            print(f"    {target} = take_texts(s, &{target}_count);")
        elif kind in callbacks:
            function = "on_progress" if kind == "usm_progress_callback" else "NULL"
            print(f"    {target} = take_flag(s) ? {function} : NULL;")
        elif kind == "void *":
            print(f"    {target} = NULL;")
        elif kind in INTEGERS and not field.endswith("_count"):
            print(f"    if (take_flag(s)) {target} = ({kind})take_integer(s, \"{field}\");")
    print(f"    return (const struct {name} *)take_copy(s, &value, sizeof value);\n}}\n")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        opaque, structs, callbacks, functions = parse(file.read())
    print("/* Generated by calls.py from include/usm.h. */")
    print("enum kind { " + ", ".join(f"KIND_{name}" for name in opaque) + ", KINDS };\n")
    print('#include "driver.h"\n')
    read = {
        struct_of(kind)
        for _, _, arguments in functions
        for kind, _ in arguments
        if kind.startswith("const struct") and struct_of(kind) in structs
    }
    for name in sorted(read):
        write_struct(name, structs[name], callbacks)
    called = [f for f in functions if f[1] not in NEVER]
    for returns, name, arguments in called:
        Call((opaque, structs, callbacks), returns, name, arguments).write()
    print("static const struct function functions[] = {")
    for _, name, _ in called:
        print(f'    {{"{name}", do_{name}, {crc32(name.encode())}u}},')
    print("};\n\nstatic const struct function event_functions[] = {")
    for _, name, arguments in called:
        if any(struct_of(kind) == "usm_event" for kind, _ in arguments):
            print(f'    {{"{name}", do_{name}, 0}},')
    print("};\n\nstatic void free_handle(enum kind kind, void **handle) {\n    switch (kind) {")
    names = {name for _, name, _ in functions}
    for name in opaque:
        if f"{name}_free" in names:
            print(f"    case KIND_{name}: {name}_free((struct {name} **)handle); return;")
    print("    default: return;\n    }\n}")


main()
