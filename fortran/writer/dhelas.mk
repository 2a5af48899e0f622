include ../make_opts

LIBRARY = ../../lib/libdhelas.$(libext)
OBJECTS = $(patsubst %.f,%.o,$(wildcard *.f))

$(LIBRARY): $(OBJECTS)
	$(call CREATELIB, $@, $^)

%.o: %.f
	$(FC) $(FFLAGS) $(ALOHA_FLAG) -c $<

clean:
	$(RM) *.o $(LIBRARY)
