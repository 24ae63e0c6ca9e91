/* What ffi/abi does not hold: the layouts that Arrow's specification fixes, and that header and
 * library are of one version. */
#include <stddef.h>

#include "check.h"

#define LAYOUT(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), "moved: " #type "." #field)

LAYOUT(struct ArrowSchema, flags, 24);
LAYOUT(struct ArrowSchema, release, 56);
LAYOUT(struct ArrowArray, buffers, 40);
LAYOUT(struct ArrowArray, release, 64);
LAYOUT(struct ArrowArrayStream, release, 24);
_Static_assert(sizeof(struct ArrowSchema) == 72, "size of ArrowSchema");
_Static_assert(sizeof(struct ArrowArray) == 80, "size of ArrowArray");
_Static_assert(sizeof(struct ArrowArrayStream) == 40, "size of ArrowArrayStream");

int main(int argc, char **argv) {
    char version[32];
    (void)test_folder(argc, argv);
    snprintf(version, sizeof version, "%d.%d.%d", USM_VERSION_MAJOR, USM_VERSION_MINOR,
             USM_VERSION_PATCH);
    CHECK(strcmp(version, USM_VERSION) == 0);
    CHECK(strcmp(version, usm_version()) == 0);
    CHECK(usm_abi_version() == USM_ABI_VERSION);
    return 0;
}
