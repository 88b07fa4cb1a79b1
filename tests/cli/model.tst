# SPDX-License-Identifier: MIT
# gannet model: every way in which a model folder can be wrong.

needs: a model folder

info | 0 | - | gannet model info "$MODEL" | grep -q .
verify | 0 | - | gannet model verify "$MODEL"
no-words | 2 | info | gannet model
unknown-word | 2 | info DIR | gannet model inform x
absent | 66 | nothing | gannet model verify nothing
no-weights | 66 | weights\.safetensors | copy_model; rm model/weights.safetensors; gannet model verify model
no-json | 66 | model\.json | copy_model; rm model/model.json; gannet model verify model
not-json | 65 | model\.json | copy_model; echo '{"' >model/model.json; gannet model verify model
empty-json | 65 | model\.json | copy_model; echo '{}' >model/model.json; gannet model verify model
damaged-weights | 65 | [Ss][Hh][Aa]-?256 | copy_model; set_byte model/weights.safetensors 100000; gannet model verify model
short-weights | 65 | weights\.safetensors|[Ss][Hh][Aa]-?256 | copy_model; truncate -s 5000 model/weights.safetensors; gannet model verify model
wrong-shape | 65,67 | model | copy_model; sed -i 's/"shape": \[100/"shape": [60/' model/model.json; gannet model verify model
