// The functions of a plug-in for one SIMD mode. functions.hpp and names.inc are written by
// bridge.program.plugin.
#include "plugin/function.hpp"

#include "functions.hpp"

#define MEB_JOIN(a, b) a##b
#define MEB_MODE_OBJECT(target) MEB_JOIN(meb_plugin_mode_, target)
#define MEB_TEXT(x) #x
#define MEB_NAME_OF(target) MEB_TEXT(target)

namespace {

#define MEB_FUNCTION(function, name) &meb::MEB_TARGET::run<meb::MEB_TARGET::function, double>,
constexpr meb_plugin_function functions_double[] = {
#include "names.inc"
};
#undef MEB_FUNCTION
#define MEB_FUNCTION(function, name) &meb::MEB_TARGET::run<meb::MEB_TARGET::function, float>,
constexpr meb_plugin_function functions_single[] = {
#include "names.inc"
};
#undef MEB_FUNCTION

}  // namespace

extern const meb_plugin_mode MEB_MODE_OBJECT(MEB_TARGET);
const meb_plugin_mode MEB_MODE_OBJECT(MEB_TARGET) = {MEB_NAME_OF(MEB_TARGET), meb::MEB_TARGET::Bundle<double>::lanes,
                                                     meb::MEB_TARGET::Bundle<float>::lanes, functions_double,
                                                     functions_single};
