# SPDX-License-Identifier: MIT
# gannet model calibrate, and the number types that its scales are for.

needs: a model folder

passes-into-json | 0 | - | quiet examples --reads "$IN/reads.bam" && cp -r "$MODEL" m && gannet model calibrate m --examples out.examples.tfrecord.gz >text && grep -Eq '^int16: (not )?passed: same call ' text && grep -q '"quantisation": .*"int16": .*"maxima": ' m/model.json && gannet model verify m
by-option | 0 | - | quiet examples --reads "$IN/reads.bam" && cp -r "$MODEL" m && gannet model calibrate --model m --examples out.examples.tfrecord.gz --limit 1 | grep -q 'calibrated on 1 images'
repeats | 0 | - | quiet examples --reads "$IN/reads.bam" && for m in a b; do cp -r "$MODEL" $m && gannet model calibrate $m --examples out.examples.tfrecord.gz; done && cmp a/model.json b/model.json
weights-untouched | 0 | - | quiet examples --reads "$IN/reads.bam" && cp -r "$MODEL" m && gannet model calibrate m --examples out.examples.tfrecord.gz && cmp m/weights.safetensors "$MODEL/weights.safetensors"
auto-is-int16-where-passed | 0 | - | quiet examples --reads "$IN/reads.bam" && cp -r "$MODEL" m && gannet model calibrate m --examples out.examples.tfrecord.gz >text && for p in auto int16 float32; do gannet call-variants --precision $p --checkpoint m --examples out.examples.tfrecord.gz --outfile $p.tfrecord.gz 2>progress || exit 1; done; grep -q '^int16: passed' text && want=int16 || want=float32; cmp auto-00000-of-00001.tfrecord.gz $want-00000-of-00001.tfrecord.gz
int16-threads-and-batches | 0 | - | quiet examples --reads "$IN/reads.bam" && cp -r "$MODEL" m && gannet model calibrate m --examples out.examples.tfrecord.gz && for o in '1 1' '2 7' '3 64'; do gannet call-variants --precision int16 --threads ${o% *} --batch-size ${o#* } --checkpoint m --examples out.examples.tfrecord.gz --outfile $((n += 1)).tfrecord.gz 2>progress || exit 1; cmp 1-00000-of-00001.tfrecord.gz $n-00000-of-00001.tfrecord.gz || exit 1; done
not-calibrated | 69 | no scales for int16: run 'gannet model calibrate' | gannet model new --architecture narrow --shape 100x221x7 m && mkdir d && quiet examples --reads "$IN/reads.bam" --examples d/x.tfrecord.gz && gannet call-variants --precision int16 --checkpoint m --examples d/x.tfrecord.gz --outfile o.tfrecord.gz
unknown-precision | 2 | precision | gannet call-variants --precision float64 --checkpoint "$MODEL" --examples x --outfile o.tfrecord.gz
bench-makes-scales | 0 | - | bench --precision int16 >table && grep -Eq '^int16 .* MB$' table
no-examples | 2 | --examples | gannet model calibrate "$MODEL"
no-folder | 2 | folder | gannet model calibrate --examples x
absent-examples | 66 | nothing | gannet model calibrate "$MODEL" --examples nothing
absent-model | 66 | model import | gannet model calibrate nothing --examples x
other-shape | 67 | images are | mkdir d && quiet examples --reads "$IN/reads.bam" --examples d/x.tfrecord.gz && gannet model new --architecture narrow --shape 80x90x3 --channels 1,2,5 m && gannet model calibrate m --examples d/x.tfrecord.gz
damaged-scales | 65 | no maximum of layer | mkdir d && quiet examples --reads "$IN/reads.bam" --examples d/x.tfrecord.gz && cp -r "$MODEL" m && gannet model calibrate m --examples d/x.tfrecord.gz && sed -i 's/"maxima": {[^}]*}/"maxima": {}/' m/model.json && gannet model verify m
