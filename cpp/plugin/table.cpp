// What a plug-in exports. modes.inc and names.inc are written by bridge.program.plugin.
#include "plugin/interface.h"

#define MEB_MODE(target) extern const meb_plugin_mode meb_plugin_mode_##target;
#include "modes.inc"
#undef MEB_MODE

namespace {

#define MEB_FUNCTION(function, name) name,
constexpr const char* names[] = {
#include "names.inc"
};
#undef MEB_FUNCTION
#define MEB_MODE(target) &meb_plugin_mode_##target,
const meb_plugin_mode* const modes[] = {
#include "modes.inc"
};
#undef MEB_MODE

}  // namespace

extern "C" __attribute__((visibility("default"))) const meb_plugin_table meb_plugin = {
    MEB_PLUGIN_MAGIC,
    MEB_PLUGIN_VERSION,
    sizeof(meb_plugin_call),
    sizeof(names) / sizeof(*names),
    sizeof(modes) / sizeof(*modes),
    names,
    modes,
};
