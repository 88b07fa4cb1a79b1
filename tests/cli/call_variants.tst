# SPDX-License-Identifier: MIT
# gannet call-variants: damaged models and examples, and the three stages against `gannet call`.

needs: a model folder

model-absent | 66 | nothing | : >e.tfrecord; classify --checkpoint nothing --examples e.tfrecord
model-damaged | 65 | [Ss][Hh][Aa]-?256 | copy_model; set_byte model/weights.safetensors 100000; : >e.tfrecord; classify --checkpoint model --examples e.tfrecord
engine-unknown | 2 | engine.*abacus | classify --examples $IN/ref.fa --engine abacus
engine-without-int16 | 69 | ONEDNN=1|not in int16 | quiet examples --reads $IN/reads.bam --examples in.tfrecord.gz && classify --examples in.tfrecord.gz --engine onednn --precision int16
absent-examples | 66 | absent\.tfrecord\.gz | classify --examples absent.tfrecord.gz
not-tfrecord | 65 | ref\.fa | classify --examples $IN/ref.fa
bad-crc | 65 | damaged\.tfrecord.*checksum | one_record >damaged.tfrecord; set_byte damaged.tfrecord 12; classify --examples damaged.tfrecord
truncated | 65 | damaged\.tfrecord.*(ends inside|truncated) | one_record | head -c 14 >damaged.tfrecord; classify --examples damaged.tfrecord
not-an-example | 65 | record\.tfrecord | one_record >record.tfrecord; classify --examples record.tfrecord

wrong-shape | 67 | images are 77 x 221 x 7, the model .* wants | copy_model; examples --reads $IN/reads.bam 2>/dev/null && sed -i -E 's/"shape": *\[[0-9]+/"shape": [77/' out.examples.tfrecord.gz.example_info.json && mkdir in && for f in out.*; do mv $f in/${f#out.}; done && classify --examples in/examples.tfrecord.gz
three-stages | 0 | * | examples --reads $IN/reads.bam && classify --examples out.examples.tfrecord.gz && gannet postprocess --ref $IN/ref.fa --infile out.cvo.tfrecord.gz --outfile out.vcf.gz && call --reads $IN/reads.bam --output-vcf direct.vcf.gz && cmp <(bcftools view -H direct.vcf.gz) <(bcftools view -H out.vcf.gz)
examples-cut | 65 | damaged\.tfrecord\.gz | quiet examples --reads $IN/reads.bam && head -c 3000 out.examples.tfrecord.gz >damaged.tfrecord.gz; rm -f out*; classify --examples damaged.tfrecord.gz
