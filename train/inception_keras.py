# SPDX-License-Identifier: MIT
"""Inception v3 in Keras as DeepVariant builds it, at any width.

The layers come in the order, and so with the automatic names, of keras.applications' InceptionV3 (same_as_keras() checks
that at full width); the head is DeepVariant's. Needs TensorFlow with Keras 2 (2.11 to 2.15).
"""
import tensorflow as tf

keras = tf.keras
CLASSES = 3
DROPOUT = 0.2


class Builder:
    """Adds layers; `divisor` narrows every convolution."""

    def __init__(self, divisor):
        self.divisor = divisor

    def conv(self, x, filters, kernel, stride=1, padding="same"):
        filters = max(1, round(filters / self.divisor))
        x = keras.layers.Conv2D(filters, kernel, strides=stride, padding=padding, use_bias=False)(x)
        x = keras.layers.BatchNormalization(axis=3, scale=False)(x)
        return keras.layers.Activation("relu")(x)

    def chain(self, x, *steps):
        """Convolutions one after the other, each (filters, kernel)."""
        for filters, kernel in steps:
            x = self.conv(x, filters, kernel)
        return x

    def pooled(self, x, filters):
        x = keras.layers.AveragePooling2D((3, 3), strides=(1, 1), padding="same")(x)
        return self.conv(x, filters, (1, 1))

    @staticmethod
    def shrunk(x):
        return keras.layers.MaxPooling2D((3, 3), strides=(2, 2))(x)

    def stem(self, x):
        x = self.conv(x, 32, (3, 3), stride=2, padding="valid")
        x = self.conv(x, 32, (3, 3), padding="valid")
        x = self.shrunk(self.conv(x, 64, (3, 3)))
        x = self.conv(x, 80, (1, 1), padding="valid")
        return self.shrunk(self.conv(x, 192, (3, 3), padding="valid"))

    def squares(self, x, name, pooled):
        """mixed0 to mixed2: 5x5 and doubled 3x3 branches."""
        return keras.layers.concatenate([
            self.conv(x, 64, (1, 1)),
            self.chain(x, (48, (1, 1)), (64, (5, 5))),
            self.chain(x, (64, (1, 1)), (96, (3, 3)), (96, (3, 3))),
            self.pooled(x, pooled),
        ], axis=3, name=name)

    def first_reduction(self, x):
        """mixed3."""
        square = self.conv(x, 384, (3, 3), stride=2, padding="valid")
        double = self.chain(x, (64, (1, 1)), (96, (3, 3)))
        double = self.conv(double, 96, (3, 3), stride=2, padding="valid")
        return keras.layers.concatenate([square, double, self.shrunk(x)], axis=3, name="mixed3")

    def crosses(self, x, name, inner):
        """mixed4 to mixed7: 1x7 and 7x1 branches."""
        row, column = (1, 7), (7, 1)
        return keras.layers.concatenate([
            self.conv(x, 192, (1, 1)),
            self.chain(x, (inner, (1, 1)), (inner, row), (192, column)),
            self.chain(x, (inner, (1, 1)), (inner, column), (inner, row), (inner, column), (192, row)),
            self.pooled(x, 192),
        ], axis=3, name=name)

    def second_reduction(self, x):
        """mixed8."""
        square = self.conv(self.conv(x, 192, (1, 1)), 320, (3, 3), stride=2, padding="valid")
        cross = self.chain(x, (192, (1, 1)), (192, (1, 7)), (192, (7, 1)))
        cross = self.conv(cross, 192, (3, 3), stride=2, padding="valid")
        return keras.layers.concatenate([square, cross, self.shrunk(x)], axis=3, name="mixed8")

    def forks(self, x, number):
        """mixed9 and mixed10: branches that fork into 1x3 and 3x1."""
        point = self.conv(x, 320, (1, 1))
        single = self.conv(x, 384, (1, 1))
        single = keras.layers.concatenate([self.conv(single, 384, (1, 3)), self.conv(single, 384, (3, 1))], axis=3,
                                          name=f"mixed9_{number}")
        double = self.chain(x, (448, (1, 1)), (384, (3, 3)))
        double = keras.layers.concatenate([self.conv(double, 384, (1, 3)), self.conv(double, 384, (3, 1))], axis=3)
        return keras.layers.concatenate([point, single, double, self.pooled(x, 192)], axis=3, name=f"mixed{9 + number}")


def with_head(image, features):
    x = keras.layers.Dropout(DROPOUT)(features)
    x = keras.layers.Dense(CLASSES, activation="softmax", dtype=keras.backend.floatx(), name="classification")(x)
    return keras.Model(inputs=image, outputs=x, name="inceptionv3")


def build(shape, divisor=1):
    """The model for images of [height, width, channels]; layer names start afresh."""
    keras.backend.clear_session()
    builder = Builder(divisor)
    image = keras.layers.Input(shape=shape)
    x = builder.stem(image)
    for number, pooled in enumerate((32, 64, 64)):
        x = builder.squares(x, f"mixed{number}", pooled)
    x = builder.first_reduction(x)
    for number, inner in enumerate((128, 160, 160, 192), 4):
        x = builder.crosses(x, f"mixed{number}", inner)
    x = builder.second_reduction(x)
    for number in range(2):
        x = builder.forks(x, number)
    return with_head(image, keras.layers.GlobalAveragePooling2D()(x))


def from_applications(shape):
    """As build() at full width, by keras.applications."""
    keras.backend.clear_session()
    backbone = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=shape, classes=CLASSES,
                                              pooling="avg")
    return with_head(backbone.input, backbone.output)


def sources(layer):
    """Names of the layers that feed a layer."""
    tensors = layer.input if isinstance(layer.input, list) else [layer.input]
    return [tensor.node.layer.name for tensor in tensors]


def outline(model):
    """Every layer's name, kind, inputs, output shape and weight shapes, in the model's order."""
    return [(layer.name, type(layer).__name__, sources(layer), layer.output_shape,
             [tuple(weight.shape) for weight in layer.weights]) for layer in model.layers]


def same_as_keras(shape):
    """Whether build() makes what keras.applications makes, layer by layer."""
    return outline(build(shape)) == outline(from_applications(shape))
