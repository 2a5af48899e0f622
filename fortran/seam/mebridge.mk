# mebridge. Read from Source/make_opts by every makefile of this directory.
mebridge_home := $(dir $(lastword $(MAKEFILE_LIST)))MEBRIDGE/
mebridge_compilers = $(filter-out %/MEBRIDGE/mebridge_compile,$(1))

# The batched event loop, and faster parts around it, are linked into madevent: only in
# SubProcesses/P*, and there only into madevent itself; gensym and madevent_forhel stay as they are.
# Off: MEBRIDGE=0, as an environment variable, for make, or as a line at the top of make_opts.
MEBRIDGE ?= 1
ifeq ($(notdir $(patsubst %/,%,$(dir $(CURDIR)))),SubProcesses)
MEBRIDGE_WRAP :=
MEBRIDGE_GLUE_WRAP :=
MEBRIDGE_GLUE_NAMES :=
MEBRIDGE_GLUE_UNITS :=
-include ../../Source/MEBRIDGE/$(notdir $(CURDIR)).mk
ifneq ($(strip $(MEBRIDGE_WRAP) $(MEBRIDGE_GLUE_WRAP)),)
ifneq ($(filter-out 0,$(MEBRIDGE)),)
mebridge_default_goal := $(.DEFAULT_GOAL)
mebridge_comma := ,
# What is replaced (the glue) relies on gfortran's conventions and on calls that are left to the
# linker; its arithmetic, on flags that change no result.
mebridge_glue := $(if $(findstring gfortran,$(call mebridge_compilers,$(FC))),$(if $(findstring -flto,$(FFLAGS) $(LDFLAGS)),0,1),0)
mebridge_plain := $(if $(filter-out -O -O0 -O1 -O2 -g -w -W% -I% -fPIC -fpic -fbounds-check -fcheck=% -ffixed-line-length-%,$(FFLAGS)),0,1)
# LHAPDF takes the place of the built-in densities.
ifneq ($(lhapdf),)
MEBRIDGE_GLUE_UNITS := $(filter-out PDF,$(MEBRIDGE_GLUE_UNITS))
MEBRIDGE_GLUE_WRAP := $(filter-out nnpdfdriver_ nnevolvepdf_ pdg2pdf_,$(MEBRIDGE_GLUE_WRAP))
MEBRIDGE_GLUE_NAMES := $(filter-out __wrap_nnpdfdriver_=%,$(MEBRIDGE_GLUE_NAMES))
endif
mebridge_wraps := $(sort $(MEBRIDGE_WRAP) $(if $(filter 1,$(mebridge_glue)),$(MEBRIDGE_GLUE_WRAP)))
# -u: calls of a wrapped procedure no longer take it out of its library, and the seam's own call
# comes after the libraries.
madevent madevent_fortran: mebridge_seam.o
madevent madevent_fortran: private LDFLAGS += mebridge_seam.o -L../../lib -lmebridge \
  -Wl,-rpath,'$$ORIGIN/../../lib' $(addprefix -Wl$(mebridge_comma)--wrap=,$(mebridge_wraps)) \
  $(addprefix -Wl$(mebridge_comma)-u$(mebridge_comma),$(mebridge_wraps)) \
  $(if $(filter 1,$(mebridge_glue)),$(addprefix -Wl$(mebridge_comma)--defsym$(mebridge_comma),$(MEBRIDGE_GLUE_NAMES)))
# libpdf: built anew where the densities change.
mebridge_seam.o: ../../Source/MEBRIDGE/$(notdir $(CURDIR)).f coupl.inc maxamps.inc $(wildcard ../../lib/libpdf.$(libext)) | ../../lib/libgeneric.$(libext)
	$(FC) $(FFLAGS) -cpp -DMEBRIDGE_GLUE=$(mebridge_glue) -DMEBRIDGE_PLAIN=$(mebridge_plain) $(addprefix -DMEBRIDGE_GLUE_,$(MEBRIDGE_GLUE_UNITS)) -c $< -o $@ -I. -I../../Source/ -I../../Source/PDF/gammaUPC
.DEFAULT_GOAL := $(mebridge_default_goal)
else ifneq ($(wildcard mebridge_seam.o),)
# Switched off after it was on: madevent has to be linked again.
$(shell rm -f mebridge_seam.o madevent madevent_fortran)
endif
endif
endif

# Compilations come from a cache: a program stands before the compilers. Where it cannot run, they
# are called as they are. Off or elsewhere: MEBRIDGE_COMPILE_CACHE, given like MEBRIDGE.
ifneq ($(MEBRIDGE_COMPILE_CACHE),0)
ifneq ($(filter-out 1 /%,$(firstword $(MEBRIDGE_COMPILE_CACHE))),)
$(warning MEBRIDGE_COMPILE_CACHE: expected 0 or an absolute path, got $(MEBRIDGE_COMPILE_CACHE): no cache)
else
mebridge_compile := $(shell $(mebridge_home)mebridge_compile --probe 2>/dev/null)
endif
endif
ifneq ($(mebridge_compile),)
ifneq ($(MEBRIDGE_COMPILE_CACHE),)
export MEBRIDGE_COMPILE_CACHE
endif
endif
# A make called by another one may be handed the other's.
FC := $(strip $(mebridge_compile) $(call mebridge_compilers,$(FC)))
ifeq ($(findstring /SubProcesses/,$(CURDIR)),)
CXX := $(strip $(mebridge_compile) $(call mebridge_compilers,$(CXX)))
endif
