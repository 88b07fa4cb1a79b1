# SPDX-License-Identifier: MIT
# gannet model: models made, imported, and every way in which a model folder can be wrong.

new | 0 | - | gannet model new --architecture narrow --shape 80x90x3 --channels 1,2,5 --seed 3 m && gannet model verify m && gannet model info m | grep -q 'channels:    1 2 5'
new-is-inception | 0 | - | gannet model new --shape 100x221x7 m && gannet model info m | grep -qx 'weights:     21775651'
new-repeats | 0 | - | for m in a b; do gannet model new --architecture narrow --shape 100x147x9 $m; done; cmp a/weights.safetensors b/weights.safetensors && gannet model info a | grep -q 'preset:      pacbio'
new-seed-matters | 0 | - | for m in 1 2; do gannet model new --architecture narrow --shape 100x147x9 --seed $m $m; done; ! cmp -s 1/weights.safetensors 2/weights.safetensors
new-no-shape | 2 | --shape | gannet model new out
new-bad-shape | 2 | 100x221x7 | gannet model new --shape 100x221 out
new-bad-channels | 2 | 1,2,3,4,5,6,19 | gannet model new --shape 100x221x2 --channels 1,x out
new-unknown-channels | 2 | --channels | gannet model new --architecture narrow --shape 100x221x2 out
new-too-small | 2 | 75 x 75 | gannet model new --shape 74x221x7 out
new-occupied | 73 | holds a model already | gannet model new --architecture narrow --shape 80x80x7 m && gannet model new --architecture narrow --shape 80x80x7 m
new-no-parent | 73 | no/out | gannet model new --architecture narrow --shape 80x80x7 no/out
new-unknown-network | 2 | architecture | gannet model new --architecture inception_v4 --shape 80x80x7 out
import-no-output | 2 | --output | gannet model import x
import-no-source | 2 | SRC | gannet model import --output out
import-absent | 66 | nothing.index | gannet model import nothing --output out
import-empty-folder | 66 | no TensorFlow model | mkdir m && gannet model import m --output out
import-cut-saved-model | 66 | variables.index | mkdir m && touch m/saved_model.pb && gannet model import m --output out
import-not-an-index | 65 | m.index | head -c 4000 /dev/zero >m.index && gannet model import m --output out
import-checkpoint | 0 | - | gannet model import "$CHECKPOINT/model-1" --output m && gannet model verify m && gannet model info m | grep -q 'preset:      pacbio' && gannet model info m | grep -q '"kind": "tensorflow checkpoint"'
import-folder | 0 | - | gannet model import "$CHECKPOINT/" --output m --name mine --preset ont && gannet model info m | grep -q 'preset:      ont' && gannet model info m | grep -q 'name:        mine'
import-and-classify | 0 | * | gannet model import "$CHECKPOINT" --output m && gannet call-variants --checkpoint m --examples "$CHECKPOINT/../examples.tfrecord.gz" --outfile cvo.tfrecord.gz
import-and-misuse | 67 | 100 x 221 x 7.*100 x 147 x 9 | gannet model import "$CHECKPOINT" --output m && gannet call-variants --checkpoint m --examples "$CHECKPOINT/../../illumina/examples.tfrecord.gz" --outfile out.tfrecord.gz
import-onnx | 0 | - | for f in torch tf2onnx; do gannet model import "$ONNX/$f.onnx" --output $f && gannet model verify $f || exit 1; done; gannet model info torch | grep -qx 'channels:    1 2 3 4 5 6 19'
import-onnx-alone | 0 | - | cp "$ONNX/torch.onnx" . && gannet model import torch.onnx --output m && gannet model info m | grep -qx 'images:      100 x 221 x 7'
import-onnx-absent | 66 | x.onnx | gannet model import x.onnx --output out
import-onnx-cut | 65 | torch.onnx.*parsed | head -c 100000 "$ONNX/torch.onnx" >torch.onnx; gannet model import torch.onnx --output out
import-onnx-other | 65 | torch.onnx.*GlobalNorm.*not supported | sed 's/ReduceMean/GlobalNorm/' "$ONNX/torch.onnx" >torch.onnx; gannet model import torch.onnx --output out
import-onnx-mismatch | 67 | 100 x 221 x 7.*100 x 147 x 7 | cp "$ONNX/torch.onnx" . && gannet model import torch.onnx --shape 100x147x7 --preset wgs --output out
import-small-model | 0 | - | gannet model import "$CHECKPOINT/../../../small_model/savedmodel" --output m && gannet model verify m && gannet model info m | grep -q '70 numbers in, 3 probabilities out'
import-no-info | 2 | --shape | copy_checkpoint; rm m/example_info.json; gannet model import m --output out
import-given | 0 | - | copy_checkpoint; rm m/example_info.json; gannet model import m --shape 100x147x9 --output i && gannet model verify i
import-other-info | 67 | 9 channels.*100 x 221 x 7 | copy_checkpoint; cp "$CHECKPOINT/../../illumina/example_info.json" m; gannet model import m --output out
import-other-shape | 67 | 100 x 150 x 9.*100 x 147 x 9 | gannet model import "$CHECKPOINT" --shape 100x150x9 --output out
import-odd-channels | 2 | --preset | copy_checkpoint; sed -i 's/10\]/8]/' m/example_info.json; gannet model import m --output out
import-flipped-weights | 65 | data-00001-of-00002.*layer_with_weights-.*CRC | copy_checkpoint; set_byte m/model-1.data-00001-of-00002 60000; gannet model import m --output out
import-flipped-names | 65 | _CHECKPOINTABLE_OBJECT_GRAPH.*CRC | copy_checkpoint; set_byte m/model-1.data-00000-of-00002 20000; gannet model import m --output out
import-flipped-list | 65 | model-1.index.*CRC | copy_checkpoint; set_byte m/model-1.index 9000; gannet model import m --output out
import-cut-list | 65 | model-1.index | copy_checkpoint; truncate -s 20000 m/model-1.index; gannet model import m --output out
import-lost-shard | 66 | data-00001-of-00002 | copy_checkpoint; rm m/model-1.data-00001-of-00002; gannet model import m --output out
list | 0 | - | gannet model new --architecture narrow --shape 80x80x7 m --name my && gannet model list . | grep -qx './m	my	unknown	wgs	cnn'
list-absent | 66 | nothing | gannet model list nothing
unknown-operation | 65 | unknown operation 'conv3d' | gannet model new --architecture narrow --shape 80x80x7 m && sed -i '/conv2d_7"/s/"op": "conv2d"/"op": "conv3d"/' m/model.json && gannet model verify m
no-words | 2 | info | gannet model
unknown-word | 2 | info DIR | gannet model inform x

needs: a model folder

list-own | 0 | - | gannet model list | grep -q wgs
info | 0 | - | gannet model info "$MODEL" | grep -q .
verify | 0 | - | gannet model verify "$MODEL"
absent | 66 | nothing | gannet model verify nothing
no-weights | 66 | weights\.safetensors | copy_model; rm model/weights.safetensors; gannet model verify model
no-json | 66 | model\.json | copy_model; rm model/model.json; gannet model verify model
not-json | 65 | model\.json | copy_model; echo '{"' >model/model.json; gannet model verify model
empty-json | 65 | model\.json | copy_model; echo '{}' >model/model.json; gannet model verify model
damaged-weights | 65 | [Ss][Hh][Aa]-?256 | copy_model; set_byte model/weights.safetensors 100000; gannet model verify model
short-weights | 65 | weights\.safetensors|[Ss][Hh][Aa]-?256 | copy_model; truncate -s 5000 model/weights.safetensors; gannet model verify model
wrong-shape | 65,67 | model | copy_model; sed -i 's/"shape": \[100/"shape": [60/' model/model.json; gannet model verify model

needs: shared data

import-perceptron | 0 | - | gannet model import "$REAL_MLP" --output m && gannet model verify m && gannet model info m | grep -q '9 numbers in, 6 probabilities out'
import-by-prefix | 0 | - | gannet model import "$REAL_MLP/variables/variables" --output m && gannet model info m | grep -q '"activations": "assumed"'
import-cut-index | 65 | variables.index | copy_real_mlp; truncate -s 400 m/variables/variables.index; gannet model import m --output out
import-flipped-index | 65 | variables.index.*CRC | copy_real_mlp; set_byte m/variables/variables.index 50; gannet model import m --output out
import-flipped-data | 65 | data-00001-of-00002.*layer_with_weights-0/kernel.*CRC | copy_real_mlp; set_byte m/variables/variables.data-00001-of-00002 17; gannet model import m --output out
import-cut-data | 65 | variables.index.*tensor | copy_real_mlp; truncate -s 1000 m/variables/variables.data-00001-of-00002; gannet model import m --output out
import-no-data | 66 | data-00001-of-00002 | copy_real_mlp; rm m/variables/variables.data-00001-of-00002; gannet model import m --output out
import-bad-graph | 65 | saved_model.pb | copy_real_mlp; truncate -s 100000 m/saved_model.pb; gannet model import m --output out
import-unknown-operation | 65 | 'dense_1' ends with the operation 'Tanh' | copy_real_mlp; rename_operations Relu Tanh m/saved_model.pb; gannet model import m --output out
import-occupied | 73 | holds a model already | gannet model import "$REAL_MLP" --output m && gannet model import "$REAL_MLP" --output m
perceptron-is-no-network | 65 | model.json | gannet model import "$REAL_MLP" --output m && gannet call-variants --checkpoint m --examples x --outfile out.cvo.tfrecord.gz
