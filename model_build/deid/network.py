"""The network: a sum of feature embeddings, then dilated convolutions over tokens, written as matrix products."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from services.gateway.deidentify.neural_features import FEATURES

EMBEDDING = 128
WIDTH = 192
DILATIONS = (1, 2, 4, 8, 1)


class Layer(nn.Module):  # type: ignore[misc]  # mypy skips torch
    """Adds to each token what it, and the tokens `dilation` before and after it, say together."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self._dilation = dilation
        self.mix = nn.Linear(3 * WIDTH, WIDTH)
        nn.init.normal_(self.mix.weight, std=0.5 / (3 * WIDTH) ** 0.5)  # nothing is normalised between the layers

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """[batch, tokens, WIDTH] to the same."""
        step = self._dilation
        y = x if mask is None else x * mask  # beyond the text there are zeros, padding or not
        if torch.is_autocast_enabled("cpu"):
            y = y.bfloat16()  # as the product takes it: half as much to put side by side
        y = functional.pad(y, (0, 0, step, step))
        length = x.shape[1]
        around = torch.cat((y[:, :length], y[:, step : step + length], y[:, 2 * step : 2 * step + length]), dim=-1)
        return x + torch.relu(self.mix(around))


class Network(nn.Module):  # type: ignore[misc]  # mypy skips torch
    """Scores of every label for every token."""

    def __init__(self, rows: int, labels: int) -> None:
        super().__init__()
        self.table = nn.Embedding(rows, EMBEDDING)
        nn.init.normal_(self.table.weight, std=0.3)
        self.widen = nn.Linear(EMBEDDING, WIDTH)
        self.first = nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList(Layer(dilation) for dilation in DILATIONS)
        self.last = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, labels)
        self.dropout = nn.Dropout(0.1)

    def forward(self, features: Tensor, mask: Tensor | None = None) -> Tensor:
        """int [batch, tokens, FEATURES] to [batch, tokens, labels]; `mask` [batch, tokens, 1] is 1 for tokens, 0 for padding."""
        assert features.shape[-1] == FEATURES
        x = self.dropout(self.first(self.widen(self.table(features).sum(dim=-2))))
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(self.dropout(self.last(x)))
