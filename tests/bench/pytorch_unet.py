"""The U-Net of nn/unet.h in PyTorch, layer by layer and under the same names,
so that weights of one fit the other. For make bench-pytorch."""
import json
import math
import struct

import torch
from torch import nn
from torch.nn import functional as F


class ResidualBlock(nn.Module):
    def __init__(self, n_in, n_out, channels, groups, dropout):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, n_in, eps=1e-6)
        self.conv1 = nn.Conv2d(n_in, n_out, 3, padding=1)
        self.time_emb_proj = nn.Linear(4 * channels, n_out)
        self.norm2 = nn.GroupNorm(groups, n_out, eps=1e-6)
        self.dropout = nn.Dropout(dropout)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(n_in, n_out, 1) if n_in != n_out else nn.Identity()

    def forward(self, x, swish_temb):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time_emb_proj(swish_temb)[:, :, None, None]
        h = self.conv2(self.dropout(F.silu(self.norm2(h))))
        return self.conv_shortcut(x) + h


class AttentionBlock(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.group_norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.to_q = nn.Linear(channels, channels)
        self.to_k = nn.Linear(channels, channels)
        self.to_v = nn.Linear(channels, channels)
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x):
        B, C, H, W = x.shape
        h = self.group_norm(x).permute(0, 2, 3, 1).reshape(B, H * W, C)
        q, k, v = self.to_q(h), self.to_k(h), self.to_v(h)
        weights = torch.softmax(torch.bmm(q, k.transpose(1, 2)) * C ** -0.5, dim=-1)
        y = self.to_out[0](torch.bmm(weights, v))
        return x + y.reshape(B, H, W, C).permute(0, 3, 1, 2)


class Downsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Level(nn.Module):
    """Residual blocks, an attention block after each or none, a change of size or none."""


class Unet(nn.Module):
    def __init__(self, c):
        super().__init__()
        ch, self.channels, n = c["channels"], c["channels"], len(c["multipliers"])
        widths = [round(ch * m) for m in c["multipliers"]]

        def block(n_in, n_out):
            return ResidualBlock(n_in, n_out, ch, c["groups"], c["dropout"])

        def level(i, pairs, name, resample):
            made = Level()
            made.resnets = nn.ModuleList([block(*pair) for pair in pairs])
            if c["attention"][i]:
                made.attentions = nn.ModuleList([AttentionBlock(widths[i], c["groups"]) for _ in pairs])
            if resample:
                setattr(made, name, nn.ModuleList([resample(widths[i])]))
            return made

        self.time_embedding = nn.ModuleDict({"linear_1": nn.Linear(ch, 4 * ch),
                                             "linear_2": nn.Linear(4 * ch, 4 * ch)})
        self.conv_in = nn.Conv2d(c["image_channels"], ch, 3, padding=1)
        self.down_blocks, self.up_blocks, skips, h = nn.ModuleList(), nn.ModuleList(), [ch], ch
        for i in range(n):
            pairs = [(h if j == 0 else widths[i], widths[i]) for j in range(c["blocks"])]
            last = i + 1 == n
            self.down_blocks.append(level(i, pairs, "downsamplers", None if last else Downsample))
            h = widths[i]
            skips += [h] * (c["blocks"] + (not last))
        self.mid_block = Level()
        self.mid_block.resnets = nn.ModuleList([block(h, h), block(h, h)])
        self.mid_block.attentions = nn.ModuleList([AttentionBlock(h, c["groups"])])
        for i in reversed(range(n)):
            pairs = []
            for _ in range(c["blocks"] + 1):
                pairs.append((h + skips.pop(), widths[i]))
                h = widths[i]
            self.up_blocks.append(level(i, pairs, "upsamplers", Upsample if i > 0 else None))
        self.conv_norm_out = nn.GroupNorm(c["groups"], h, eps=1e-6)
        self.conv_out = nn.Conv2d(h, c["image_channels"], 3, padding=1)

    def embed(self, t):
        half = self.channels // 2
        frequencies = torch.exp(torch.arange(half, dtype=torch.float32) * (-math.log(10000) / (half - 1)))
        angles = t[:, None] * frequencies[None, :]
        h = self.time_embedding["linear_1"](torch.cat([torch.sin(angles), torch.cos(angles)], dim=1))
        return self.time_embedding["linear_2"](F.silu(h))

    def forward(self, x, t):
        """x (B, C, H, W), t (B) the network's 0-based time, as numbers."""
        temb = F.silu(self.embed(t))
        h = self.conv_in(x)
        skips = [h]
        for level in self.down_blocks:
            for j, block in enumerate(level.resnets):
                h = block(h, temb)
                if hasattr(level, "attentions"):
                    h = level.attentions[j](h)
                skips.append(h)
            if hasattr(level, "downsamplers"):
                h = level.downsamplers[0](h)
                skips.append(h)
        h = self.mid_block.resnets[0](h, temb)
        h = self.mid_block.resnets[1](self.mid_block.attentions[0](h), temb)
        for level in self.up_blocks:
            for j, block in enumerate(level.resnets):
                h = block(torch.cat([h, skips.pop()], dim=1), temb)
                if hasattr(level, "attentions"):
                    h = level.attentions[j](h)
            if hasattr(level, "upsamplers"):
                h = level.upsamplers[0](h)
        return self.conv_out(F.silu(self.conv_norm_out(h)))


def parameter_count(network):
    return sum(p.numel() for p in network.parameters())


def read_config(folder):
    """What Unet takes, from diffusers' unet/config.json."""
    with open(folder + "/unet/config.json") as file:
        c = json.load(file)
    widths = c["block_out_channels"]
    return {"image_size": c["sample_size"], "image_channels": c["in_channels"], "channels": widths[0],
            "multipliers": [w / widths[0] for w in widths], "blocks": c["layers_per_block"],
            "attention": [name.startswith("Attn") for name in c["down_block_types"]],
            "groups": c["norm_num_groups"], "dropout": c.get("dropout", 0)}


def read_weights(folder):
    """unet/diffusion_pytorch_model.safetensors: eight bytes of length, a JSON table, numbers."""
    with open(folder + "/unet/diffusion_pytorch_model.safetensors", "rb") as file:
        table = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        numbers = bytearray(file.read())
    table.pop("__metadata__", None)
    weights = {}
    for name, entry in table.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(numbers[begin:end], dtype=torch.float32)
        weights[name] = flat.reshape(entry["shape"])
    return weights


def read_npy(path):
    """An array of float32 as numpy's format 1.0 keeps it."""
    with open(path, "rb") as file:
        magic, length = file.read(8), struct.unpack("<H", file.read(2))[0]
        header = file.read(length).decode()
        numbers = bytearray(file.read())
    assert magic == b"\x93NUMPY\x01\x00" and "'<f4'" in header and "'fortran_order': False" in header, path
    shape = header.split("'shape': (")[1].split(")")[0]
    shape = [int(n) for n in shape.split(",") if n.strip()]
    return torch.frombuffer(numbers, dtype=torch.float32).reshape(shape)
