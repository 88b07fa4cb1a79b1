# SPDX-License-Identifier: MIT
#
# make            build/gannet, build/libgannet.a, build/libgannet.so
# make demo       install what is missing, build, simulate a genome, call it, print the accuracy
# make check      install what is missing, build, run every test
# make bench      the figures of bench/README.md
# make bench-accuracy   precision, recall and F1 beside freebayes and bcftools (bench/accuracy)
# make fuzz       libFuzzer on reads and on the importers of models, ten minutes each (clang)
# make fmt tidy   format; static analysis
# make install    DESTDIR= prefix=
# ASAN=1 TSAN=1   sanitizers (own build folder)
# ONEDNN=1        also the engine of oneDNN (own build folder; ONEDNN=/PREFIX: not the system's oneDNN)
# CUDA=1          also the engine of NVIDIA GPUs (own build folder; CUDA=/PREFIX: not the toolkit of /usr/local/cuda;
#                 CUDA_ARCHS="80 90": only for these GPUs)
# V=1             show the commands

VERSION := $(shell cat VERSION)
prefix  ?= /usr/local
CC      ?= cc
CFLAGS  ?= -O2 -g
BUILD   := build
comma   := ,

WARNINGS := -Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wpointer-arith -Wstrict-prototypes -Wvla -Wmissing-prototypes
PACKAGES := htslib libprotobuf-c jansson zlib libmd libisal
GN_CFLAGS = -std=c11 -D_GNU_SOURCE -ffp-contract=off -fno-math-errno -fPIC -fvisibility=hidden -pthread \
            $(WARNINGS) -Iinclude -Isrc -I$(BUILD)/proto -DGN_VERSION='"$(VERSION)"' $(PACKAGE_CFLAGS) $(ONEDNN_CFLAGS) $(CUDA_CFLAGS)

ifeq ($(ASAN),1)
BUILD := build/asan
CFLAGS += -fsanitize=address,undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif
ifeq ($(TSAN),1)
BUILD := build/tsan
CFLAGS += -fsanitize=thread
LDFLAGS += -fsanitize=thread
endif

# The engine of oneDNN is left out by default: a library of 40 MB that few machines gain from.
ifneq ($(ONEDNN),)
BUILD := $(BUILD)/onednn
ONEDNN_CFLAGS := -DGN_ONEDNN $(if $(filter-out 1,$(ONEDNN)),-isystem $(ONEDNN)/include)
ONEDNN_LIBS   := $(if $(filter-out 1,$(ONEDNN)),-L$(ONEDNN)/lib -Wl$(comma)-rpath$(comma)$(ONEDNN)/lib) -ldnnl -lgomp
endif

# The engine of GPUs is left out by default: it needs nvcc and the headers of cuDNN. CUDA's runtime is linked in; cuDNN and
# cuBLASLt are loaded when a GPU is opened.
ifneq ($(CUDA),)
BUILD := $(BUILD)/cuda
CUDA_HOME   := $(or $(filter-out 1,$(CUDA)),/usr/local/cuda)
NVCC        := $(CUDA_HOME)/bin/nvcc
CUDA_ARCHS  ?= 75 80 86 89 90 100 120
CUDA_CFLAGS := -DGN_CUDA -isystem $(CUDA_HOME)/include
CUDA_LIBS   := $(CUDA_HOME)/lib64/libcudart_static.a -ldl -lrt
# Code for each, and the newest as PTX for what comes after it.
CUDA_CODE   := $(foreach a,$(CUDA_ARCHS),-gencode arch=compute_$(a)$(comma)code=sm_$(a)) \
    -gencode arch=compute_$(lastword $(CUDA_ARCHS))$(comma)code=compute_$(lastword $(CUDA_ARCHS))
CUDA_O      := $(BUILD)/o/cnn/cuda/gpu_kernels.cu.o
CUDA_TESTS  := $(patsubst tests/gpu/%.c,$(BUILD)/gpu/%,$(wildcard tests/gpu/*.c))
endif

PACKAGE_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
# snappy (blocks of TensorFlow checkpoints) has no .pc file.
LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) $(ONEDNN_LIBS) $(CUDA_LIBS) -lsnappy -lm -pthread
JOBS := $(shell nproc 2>/dev/null || echo 2)
Q    := $(if $(V),,@)
say   = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2))

PROTOS    := $(wildcard src/io/proto/*.proto)
PROTO_C   := $(PROTOS:src/io/proto/%.proto=$(BUILD)/proto/%.pb-c.c)
LIB_C     := $(filter-out src/cli/% $(if $(ONEDNN),,src/cnn/onednn/%) $(if $(CUDA),,src/cnn/cuda/gpu_%),$(wildcard src/*/*.c src/*/*/*.c))
CLI_C     := $(wildcard src/cli/*.c)
LIB_O     := $(LIB_C:src/%.c=$(BUILD)/o/%.o) $(PROTO_C:.c=.o) $(CUDA_O)
CLI_O     := $(CLI_C:src/%.c=$(BUILD)/o/%.o)
OPTIONS_O := $(filter $(BUILD)/o/cli/options%.o $(BUILD)/o/cli/nearest_name.o,$(CLI_O))
UNIT_C    := $(wildcard tests/unit/test_*.c)
UNIT_BIN  := $(UNIT_C:tests/unit/%.c=$(BUILD)/tests/%)
EXAMPLES  := $(patsubst examples/%.c,$(BUILD)/examples/%,$(wildcard examples/*.c))

.DELETE_ON_ERROR:
.SECONDARY:
FUZZ_FLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
FUZZ_SECONDS := 600

.PHONY: all check demo bench bench-accuracy fuzz fmt tidy install clean deps help unit flags

all: $(BUILD)/gannet $(BUILD)/libgannet.a $(BUILD)/libgannet.so $(EXAMPLES) $(CUDA_TESTS)

help:
	@sed -n '3,15s/^# //p' Makefile

$(BUILD)/proto/%.pb-c.c: src/io/proto/%.proto
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)protoc-c --proto_path=src/io/proto --c_out=$(@D) $<

$(BUILD)/proto/%.pb-c.o: $(BUILD)/proto/%.pb-c.c
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS) $(GN_CFLAGS) -c $< -o $@

# Kernels are compiled once per instruction set and chosen at run time; elsewhere than on x86-64 these files are empty.
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
$(BUILD)/o/cnn/cpu/%_avx2.o: ISA := -mavx2 -mfma
AVX512 := -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma
$(BUILD)/o/cnn/cpu/%_avx512.o: ISA := $(AVX512)
$(BUILD)/o/cnn/cpu/%_vnni.o: ISA := $(AVX512) -mavx512vnni
$(BUILD)/o/cnn/cpu/tile_bf16_avx512.o: ISA := $(AVX512) -mavx512bf16
$(BUILD)/o/realign/%_avx2.o: ISA := -mavx2
endif
$(BUILD)/o/cnn/cpu/pool_%.o $(BUILD)/o/cnn/onednn/dnnl_maps.o: OPTIMISE := -O3

$(BUILD)/o/%.o: src/%.c | $(PROTO_C)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS) $(OPTIMISE) $(GN_CFLAGS) $(ISA) -MMD -MP -c $< -o $@

$(BUILD)/o/%.cu.o: src/%.cu
	@mkdir -p $(@D)
	$(call say,NVCC,$<)
	$(Q)$(NVCC) -O3 -std=c++17 --threads $(JOBS) $(CUDA_CODE) -Xcompiler -fPIC,-fvisibility=hidden,-fno-threadsafe-statics,-fno-exceptions,-Wall,-Wextra -Iinclude -Isrc -MMD -MP -c $< -o $@

$(BUILD)/gpu/%: tests/gpu/%.c $(BUILD)/libgannet.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(GN_CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libgannet.a $(LIBS)

$(BUILD)/libgannet.a: $(LIB_O)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/libgannet.so: $(LIB_O)
	$(call say,LD,$@)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/gannet: $(CLI_O) $(BUILD)/libgannet.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/examples/%: examples/%.c $(BUILD)/libgannet.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -std=c11 -D_GNU_SOURCE -Iinclude $(WARNINGS) $(LDFLAGS) -o $@ $< $(BUILD)/libgannet.a $(LIBS)

$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/libgannet.a $(OPTIONS_O)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(GN_CFLAGS) $(shell pkg-config --cflags cmocka) -MMD -MP $(LDFLAGS) -o $@ $< \
	    $(OPTIONS_O) $(BUILD)/libgannet.a $(LIBS) $(shell pkg-config --libs cmocka)

unit: $(UNIT_BIN)

# Needs clang. FUZZ_SECONDS= of fuzzing; SEEDS= SavedModel folders, READS= BAM files to start from besides what is made.
fuzz: deps
	@$(MAKE) --no-print-directory -j$(JOBS) CC=clang BUILD=build/fuzz CFLAGS='-O1 -g $(FUZZ_FLAGS)' LDFLAGS='$(FUZZ_FLAGS)' \
	    build/fuzz/make_seeds build/fuzz/fuzz_import build/fuzz/make_onnx_seeds build/fuzz/fuzz_onnx \
	    build/fuzz/make_read_seeds build/fuzz/fuzz_reads
	build/fuzz/make_read_seeds build/fuzz/corpus-reads $(READS)
	build/fuzz/fuzz_reads -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=3000 -timeout=20 -max_len=20000 \
	    -artifact_prefix=build/fuzz/ build/fuzz/corpus-reads
	build/fuzz/make_onnx_seeds build/fuzz/corpus-onnx
	build/fuzz/fuzz_onnx -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=3000 -timeout=20 -max_len=100000 \
	    -artifact_prefix=build/fuzz/ build/fuzz/corpus-onnx
	build/fuzz/make_seeds build/fuzz/corpus-import $(SEEDS)
	build/fuzz/fuzz_import -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=3000 -timeout=20 -max_len=1000000 \
	    -artifact_prefix=build/fuzz/ build/fuzz/corpus-import

$(BUILD)/make_%: tests/fuzz/make_%.c $(BUILD)/libgannet.a
	$(Q)$(CC) $(CFLAGS) $(GN_CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libgannet.a $(LIBS)

$(BUILD)/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/libgannet.a
	$(Q)$(CC) $(CFLAGS) $(GN_CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(BUILD)/libgannet.a $(LIBS)

deps:
	@scripts/install-deps

check: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all unit
	@tests/run

demo: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@scripts/demo

bench: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@bench/run
	@bench/long_reads

bench-accuracy: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@bench/accuracy

fmt:
	clang-format -i $$(git ls-files '*.c' '*.h')

tidy:
	scripts/static-analysis

# The compiler's flags one a line, for analysers; needs the generated headers.
flags: $(PROTO_C)
	@printf '%s\n' $(GN_CFLAGS)

install: all
	install -Dm755 $(BUILD)/gannet $(DESTDIR)$(prefix)/bin/gannet
	install -Dm644 $(BUILD)/libgannet.a $(DESTDIR)$(prefix)/lib/libgannet.a
	install -Dm755 $(BUILD)/libgannet.so $(DESTDIR)$(prefix)/lib/libgannet.so
	for h in include/gannet/*.h; do install -Dm644 $$h $(DESTDIR)$(prefix)/$$h; done
	install -d $(DESTDIR)$(prefix)/share/man/man1 $(DESTDIR)$(prefix)/share/bash-completion/completions
	for c in $$($(BUILD)/gannet help | awk '/^  [a-z]/ { print $$1 }'); do \
	    $(BUILD)/gannet help --man $$c >$(DESTDIR)$(prefix)/share/man/man1/gannet-$$c.1 || exit 1; done
	$(BUILD)/gannet help --completion bash >$(DESTDIR)$(prefix)/share/bash-completion/completions/gannet
	find models profiles -type f | while read -r f; do install -Dm644 $$f $(DESTDIR)$(prefix)/share/gannet/$$f || exit 1; done

clean:
	rm -rf build

-include $(LIB_O:.o=.d) $(CLI_O:.o=.d) $(UNIT_BIN:=.d) $(CUDA_O:.o=.d) $(CUDA_TESTS:=.d)
