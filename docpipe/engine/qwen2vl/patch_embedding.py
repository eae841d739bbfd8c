"""The first layer of the vision tower without a convolution."""

from __future__ import annotations

from torch import Tensor, nn


class PatchEmbedding(nn.Module):
    """Patches (n, values) -> (n, hidden).

    A convolution whose stride is its kernel is one matrix product; as a Conv3d it is many times slower.
    """

    def __init__(self, convolution: nn.Conv3d) -> None:
        super().__init__()
        self.proj = convolution  # keeps its name, so that the weights can still be found by it

    def forward(self, patches: Tensor) -> Tensor:
        weight = self.proj.weight.flatten(1)
        return nn.functional.linear(patches.to(weight.dtype), weight, self.proj.bias)
