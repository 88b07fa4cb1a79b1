# SPDX-License-Identifier: MIT
#
# functions.bash - what the commands of the .tst files may use: one place for each command's usual arguments.
# The tables pass the reads and what differs. Of a repeated option the last one wins.

call() { gannet call --ref "$IN/ref.fa" --regions chr1:4001-8100 --output-vcf out.vcf.gz "$@"; }

examples() {
    gannet make-examples --mode calling --channel-list BASE_CHANNELS,insert_size --ref "$IN/ref.fa" \
        --regions chr1:4001-8100 --examples out.examples.tfrecord.gz "$@"
}

# The network for genomes alone (make-inputs); files of cases that use it say "needs: a model folder".
MODEL=$IN/models/wgs

copy_model() { cp -r "$MODEL" model; }

# set_byte FILE OFFSET: replaces one byte by its complement.
set_byte() {
    local old
    old=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf '%b' "\\0$(printf %o $((255 - old)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# within_mb MB COMMAND...: the program with that much address space, without the heap of 64 MB that glibc sets aside for
# each thread. A sanitizer's shadow would not fit.
within_mb() {
    ! ldd "$(type -P "$2")" | grep -Eq 'lib[at]san' || skip 'a sanitizer takes all address space'
    (ulimit -v $(($1 * 1024)) && shift && MALLOC_ARENA_MAX=1 exec "$@")
}

# long_reads KIND AMOUNT ERRORS: reads.fa and reads.bam (make-long-reads).
long_reads() { "$ROOT/tests/cli/make-long-reads" reads "$@"; }

# Arguments of make-examples for them.
LONG_EXAMPLES='make-examples --mode calling --channel-list BASE_CHANNELS,haplotype --ref reads.fa --reads reads.bam
    --examples out.examples.tfrecord.gz --gvcf out.gvcf.tfrecord.gz'

# long_threads ARGUMENTS...: one thread and two make the same examples and non-variant records.
# shellcheck disable=SC2086 # several words
long_threads() {
    gannet $LONG_EXAMPLES "$@" &&
        gannet $LONG_EXAMPLES --examples b.examples.tfrecord.gz --gvcf b.gvcf.tfrecord.gz --threads 2 "$@" &&
        cmp out.examples.tfrecord.gz b.examples.tfrecord.gz && cmp out.gvcf.tfrecord.gz b.gvcf.tfrecord.gz &&
        [ "$(gzip -dc b.examples.tfrecord.gz | wc -c)" -gt 100000 ]
}

# The samples and the number of records of a VCF, as "S1 12".
vcf_summary() { echo "$(bcftools query -l "$1" | xargs) $(bcftools view -H "$1" | wc -l)"; }

# What the reads say at each record: position, alleles, depths.
alleles() { bcftools query -f '%POS %REF %ALT [%GT %DP %AD]\n' "$1"; }

skip() {
    echo "$1"
    exit 77
}

# A full file system in ./disk, gone when the command ends. Needs root.
full_disk() {
    mkdir disk
    mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null || skip 'mounting a small disk needs root'
    trap 'umount -l disk' EXIT
    head -c 100000 /dev/zero >disk/filler 2>/dev/null || true
}

# A folder that cannot be written to, for root neither.
read_only_folder() {
    if [ "$(id -u)" -ne 0 ]; then
        mkdir -m 555 "$1"
        return
    fi
    mkdir "$1"
    mount -t tmpfs -o ro,size=4k tmpfs "$1" 2>/dev/null || skip 'root may write everywhere and may not mount here'
    # shellcheck disable=SC2064 # the name of now
    trap "umount -l '$1'" EXIT
}

# A preparing step whose own words are not those under test.
quiet() { "$@" 2>/dev/null; }

# The names of gannet's commands.
commands() { gannet help | awk '/^  [a-z]/ { print $1 }'; }

classify() { gannet call-variants --checkpoint "$MODEL" --outfile out.cvo.tfrecord.gz "$@"; }

finish() { gannet postprocess --ref "$IN/ref.fa" --outfile out.vcf.gz "$@"; }

bench() { gannet bench cnn --model "$MODEL" --precision float32 --seconds 0.01 --batch-size 2 "$@"; }

selftest() { gannet selftest --model "$MODEL" --images 24 "$@"; }

# What selftest found, without the speeds.
differences() { sed -nE 's/^(auto \([a-z0-9]+\)|[a-z0-9]+) +[0-9.]+ +([0-9.]+e.*)/\1 \2/p' "$1"; }

# Puts 99 in front of the scales of the integer number types: some calls change, and not so much that all are in doubt.
coarsen_scales() {
    awk '{ i = index($0, "\"maxima\""); tail = substr($0, i + 8)
           if (i) gsub(/": /, "&99", tail)
           print i ? substr($0, 1, i + 7) tail : $0 }' "$1" >coarse.json && mv coarse.json "$1"
}

without_gpu() { ! gannet devices --require cuda >/dev/null 2>&1 || skip 'there is a GPU'; }

cpu_only() { gannet --version | grep -q 'CPU only' || skip 'built with CUDA'; }

# sim_long PROFILE [options]: a small genome under long reads.
sim_long() {
    local profile=$1
    shift
    gannet simulate --profile "$profile" --genome-size 40000 --contigs 1 --coverage 5 --output-prefix out "$@"
}

# Examples of what sim_long made.
long_sim_examples() {
    local preset=$1
    shift
    gannet make-examples --preset "$preset" --channel-list BASE_CHANNELS,haplotype --ref out.fa --reads out.bam \
        --examples out.examples.tfrecord.gz "$@"
}

learn_long() { gannet simulate --learn-profile out.bam -r out.fa --output-profile learned.json "$@"; }

sim() { gannet simulate --genome-size 40000 --coverage 5 --output-prefix out "$@"; }

# A TFRecord file with one whole record, the byte 0xff: framed well, but no message.
one_record() { printf '\1\0\0\0\0\0\0\0\1\165\336\101\377\330\350\204\242'; }

# A reference of one contig and two VCF files that spell the same four variants: an SNV, a deletion of one T of TTTTT, a
# deletion of one CA of CACACACA, and an SNV written with its two neighbours in the second file.
# shellcheck disable=SC2059 # the formats are the lines above
eval_inputs() {
    printf '>c1\nGATGGATTTTTGAGTGACACACACAGGATTGACGGTCAAGT\n' >ref.fa
    samtools faidx ref.fa
    local head='##fileformat=VCFv4.2\n##contig=<ID=c1,length=41>\n'
    head+='##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
    head+='#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n'
    local line='c1\t%d\t.\t%s\t%s\t50\t.\t.\tGT\t%s\n'
    { printf '%b' "$head"
      printf "$line" 3 T C 0/1 6 AT A 1/1 16 GAC G 0/1 32 A T 0/1; } >truth.vcf
    { printf '%b' "$head"
      printf "$line" 3 T C 0/1 10 TT T 1/1 23 ACA A 0/1 32 ACG TCG 0/1; } >respelled.vcf
}

# Real data, for cases that say "needs: shared data".
REAL_INPUT=${GANNET_SHARED:-$ROOT/../shared}/testdata/dv-1.9.0/input
REAL=$REAL_INPUT/NA12878_S1.chr20.10_10p1mb
REAL_REF=$REAL_INPUT/ucsc.hg19.chr20.unittest.fasta.gz
REAL_TRUTH=$REAL_INPUT/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz

# A narrow Inception v3 that TensorFlow wrote.
CHECKPOINT=$ROOT/tests/data/narrow_inception/pacbio/checkpoint

# The like as ONNX, by two exporters.
ONNX=$ROOT/tests/data/narrow_inception/illumina

copy_checkpoint() { cp -r "$CHECKPOINT" m; }

REAL_MLP=${GANNET_SHARED:-$ROOT/../shared}/testdata/dv-1.9.0/multiallelic_model

copy_real_mlp() {
    cp -r "$REAL_MLP" m
    chmod -R u+w m
}

# rename_operations OLD NEW FILE: the second and later operations of a saved_model.pb whose names are equally long.
rename_operations() { LC_ALL=C sed -i "/dense_1\\/$1/s/$1/$2/g" "$3"; }

real_call() {
    gannet call --quiet --ref "$REAL_REF" --reads "$REAL.bam" --regions chr20:10,000,001-10,020,000 \
        --output-vcf out.vcf.gz --output-gvcf out.g.vcf.gz "$@"
}

real_stages() {
    gannet make-examples --mode calling --ref "$REAL_REF" --reads "$REAL.bam" --checkpoint "$MODEL" \
        --regions chr20:10,000,001-10,020,000 --examples examples.tfrecord.gz --gvcf blocks.tfrecord.gz &&
        gannet call-variants --examples examples.tfrecord.gz --checkpoint "$MODEL" --outfile outputs.tfrecord.gz &&
        gannet postprocess --ref "$REAL_REF" --infile outputs.tfrecord.gz --outfile stages.vcf.gz \
            --nonvariant-site-tfrecord-path blocks.tfrecord.gz --gvcf-outfile stages.g.vcf.gz
}

# F1 of out.vcf.gz above that of freebayes at QUAL >= 20, the better one of the two classical callers.
better_than_peers() {
    gannet eval --ref "$REAL_REF" --truth "$REAL_TRUTH" --calls out.vcf.gz --regions chr20:10,000,001-10,100,000 |
        awk '$1 == "ALL" && !seen++ { f1 = $NF } END { exit !(f1 > 0.9206) }'
}

# The truth of chr1:4500 alone, for training.
truth() {
    local base
    base=$(samtools faidx "$IN/ref.fa" chr1:4500-4500 | tail -n 1)
    { printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=20000>\n##contig=<ID=chr2,length=5000>\n'
      printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
      printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n'
      printf 'chr1\t4500\t.\t%s\t%s\t50\tPASS\t.\tGT\t0/1\n' "$base" "$(echo "$base" | tr ACGT GTAC)"
    } | bgzip -c >"$1"
    tabix -p vcf "$1"
}

# float32_words WORD...: 32-bit words in hex, as little-endian bytes.
float32_words() {
    local word
    for word in "$@"; do
        printf '%b' "\\x${word:6:2}\\x${word:4:2}\\x${word:2:2}\\x${word:0:2}"
    done
}

# small_model FOLDER [FEATURES]: a perceptron that looks at the alt's share of reads alone (feature 6, percent): log odds
# 15 - share/2, 0 and share/2 - 40 of no, one and two copies. It is sure of most sites, and unsure near 30 and 80 percent.
small_model() {
    local features=${2:-70} header
    mkdir "$1"
    header=$(printf '{"h.weight":{"dtype":"F32","shape":[%d,1],"data_offsets":[0,%d]},' "$features" $((4 * features))
        printf '"h.bias":{"dtype":"F32","shape":[1],"data_offsets":[%d,%d]},' $((4 * features)) $((4 * features + 4))
        printf '"o.weight":{"dtype":"F32","shape":[1,3],"data_offsets":[%d,%d]},' $((4 * features + 4)) $((4 * features + 16))
        printf '"o.bias":{"dtype":"F32","shape":[3],"data_offsets":[%d,%d]}}' $((4 * features + 16)) $((4 * features + 28)))
    {
        float32_words "$(printf %08x ${#header})" 00000000
        printf '%s' "$header"
        head -c 20 /dev/zero
        float32_words 3f800000
        head -c $((4 * (features - 6))) /dev/zero
        float32_words 00000000 bf000000 00000000 3f000000 41700000 00000000 c2200000
    } >"$1/weights.safetensors"
    cat >"$1/model.json" <<END
{"format": "gannet-model", "format_version": 1, "kind": "mlp", "name": "shares", "version": "1", "preset": "wgs",
 "input": {"features": $features},
 "layers": [{"name": "h", "op": "dense", "units": 1, "activation": "relu"},
            {"name": "o", "op": "dense", "units": 3, "activation": "softmax"}],
 "weights": {"file": "weights.safetensors", "sha256": "$(sha256sum "$1/weights.safetensors" | cut -d' ' -f1)"}}
END
}

# make-examples with a small model, its thresholds those of --preset wgs.
small_model_examples() {
    gannet make-examples --mode calling --ref "$REAL_REF" --reads "$REAL.bam" --checkpoint "$MODEL" \
        --regions chr20:10,000,001-10,020,000 --examples examples.tfrecord.gz --gvcf blocks.tfrecord.gz \
        --call-small-model-examples --trained-small-model-path small --small-model-snp-gq-threshold 20 \
        --small-model-indel-gq-threshold 28 "$@"
}

# small_model_finish SHARDS: the stages behind it, SHARDS being "" or "@N"; more arguments go to postprocess.
small_model_finish() {
    local shards=$1
    shift
    gannet call-variants --examples "examples.tfrecord$shards.gz" --checkpoint "$MODEL" \
        --outfile outputs.tfrecord.gz &&
        gannet postprocess --ref "$REAL_REF" --infile outputs.tfrecord.gz --outfile stages.vcf.gz \
            --small-model-cvo-records "examples_call_variant_outputs.tfrecord$shards.gz" \
            --nonvariant-site-tfrecord-path "blocks.tfrecord$shards.gz" --gvcf-outfile stages.g.vcf.gz "$@"
}

small_model_stages() { small_model_examples && small_model_finish ''; }

plain_examples() {
    gannet make-examples --mode calling --ref "$REAL_REF" --reads "$REAL.bam" --checkpoint "$MODEL" \
        --regions chr20:10,000,001-10,020,000 --examples examples.tfrecord.gz
}

# The records of NAME.vcf.gz and NAME.g.vcf.gz.
records() { bcftools view -H "$1.vcf.gz" && bcftools view -H "$1.g.vcf.gz"; }

# Whether a diff of records has some, and only such with several alternate alleles.
all_multiallelic() { awk '/^[<>]/ { n++; sub(/,<\*>/, "", $6); plain += $6 !~ /,/ } END { exit n == 0 || plain > 0 }'; }

import_multiallelic() {
    quiet gannet model import "$SHARED/testdata/dv-1.9.0/multiallelic_model" --output "${1:-multiallelic}"
}

train_examples() {
    printf 'chr20\t10000000\t10100000\n' >confident.bed
    gannet make-examples --mode training --ref "$REAL_REF" --reads "$REAL.bam" --checkpoint "$MODEL" \
        --regions chr20:10,000,001-10,020,000 --truth-variants "$REAL_TRUTH" --confident-regions confident.bed \
        --examples examples.tfrecord.gz "$@" 2>err
}

# A network for long reads, its weights random.
long_model() { gannet model new --architecture narrow --shape 100x147x9 model >/dev/null; }

long_call() { call --reads "$IN/long.bam" --model model "$@"; }

long_examples() {
    gannet make-examples --mode calling --preset pacbio --channel-list BASE_CHANNELS,haplotype \
        --reads "$IN/long.bam" --ref "$IN/ref.fa" --regions chr1:4001-8100 \
        --examples out.examples.tfrecord.gz "$@"
}

# carries NAME VALUE: ./model then carries an option.
carries() { sed -i "s/\"calling\": *{}/\"calling\": {\"$1\": $2}/" model/model.json; }

# HiFi reads of HG003, every answer that of a perceptron that looks at the share of reads.
real_long() {
    [ -d model ] || { long_model && small_model small 106; }
    gannet call --quiet --preset pacbio --ref "$REAL_INPUT/grch38.chr20_and_21_10M.fa.gz" \
        --reads "$REAL_INPUT/test_pacbio.chr20_100kbp_at_9mb.bam" --regions chr20:8,980,000-9,120,000 \
        --model model --small-model small --output-vcf out.vcf.gz --output-phased --haplotagged-bam out.bam "$@"
}

# PYTHON: the first one that has what train/ needs.
find_python() {
    for PYTHON in /usr/bin/python3 python3; do
        ! "$PYTHON" -c 'import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ("torch", "numpy"))))' \
            2>/dev/null || return 0
    done
    skip 'no python3 here has PyTorch and NumPy'
}

# train PROGRAM [options]: one of train/.
train() {
    local program=$1
    shift
    [ -n "${PYTHON:-}" ] || find_python
    OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 "$PYTHON" "$ROOT/train/$program.py" "$@"
}

# Makes $LABELED once: a genome sim.*, its examples, those for the small model, and six.* without insert sizes.
LABELED=$IN/labeled
labeled() {
    local new=$LABELED.new labels channels
    [ ! -d "$LABELED" ] || return 0
    mkdir "$new"
    gannet simulate -o "$new/sim" --genome-size 40000 --contigs 1 --coverage 20 --snv-rate 0.004 --indel-rate 0.001 --seed 2
    labels="--truth-variants $new/sim.truth.vcf.gz --confident-regions $new/sim.truth.bed"
    for channels in examples:BASE_CHANNELS,insert_size six:BASE_CHANNELS; do
        # shellcheck disable=SC2086 # several words
        gannet make-examples --mode training --preset wgs --channel-list "${channels#*:}" --ref "$new/sim.fa" \
            --reads "$new/sim.bam" $labels --write-small-model-examples --examples "$new/${channels%:*}.tfrecord.gz" ||
            return 1
    done
    mv "$new" "$LABELED"
} 2>/dev/null

# train_network RUN EPOCHS: compact, on them; of a repeated option the last one wins.
train_network() {
    local run=$1 epochs=$2
    shift 2
    labeled && train train --examples "$LABELED/examples.tfrecord.gz" --out "$run" --epochs "$epochs" --threads 1 \
        --batch 16 --real-weight 1 --block 5000 --minutes 1000 "$@"
}

# Makes $LABELED/run once: one epoch.
trained() { find_python && labeled && { [ -e "$LABELED/run/best.pt" ] || train_network "$LABELED/run" 1 >/dev/null; }; }

# exported RUN MODEL: a model folder; says the hash of its weights.
exported() {
    train export --checkpoint "$1/best.pt" --out "$2" --name tiny --preset wgs && sha256sum <"$2/weights.safetensors"
}

train_small() {
    labeled && train small_model --examples "$LABELED/examples_small_model.tfrecord.gz" --out small --name tiny --preset wgs \
        --snp-threshold 20 --indel-threshold 28 --block 5000 --epochs 5 --batch 32 --threads 1 "$@"
}
