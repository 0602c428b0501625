#!/usr/bin/env python3
"""Training speed of NAS-Bench-201 networks in plain PyTorch, to compare with benchmarks/train_bench.

Only for measuring: nothing of Searchlight runs Python. The same three cells, batch and optimiser; synthetic data.
Usage: train_bench.py [--batch 128] [--threads 1] [--steps 8] [--cell NAME] [--profile] [--channels-last]
"""
import argparse
import statistics
import time

import torch
from torch import nn

CELLS = {
    "one_pool": "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
    "conv_heavy": "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|",
    "two_pools": "|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_3x3~1|avg_pool_3x3~2|",
}


class Zero(nn.Module):
    def forward(self, x):
        return x.mul(0.0)


def relu_conv_bn(c_in, c_out, kernel, stride):
    return nn.Sequential(nn.ReLU(), nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False),
                         nn.BatchNorm2d(c_out))


def make_op(name, channels):
    return {
        "none": lambda: Zero(),
        "skip_connect": lambda: nn.Identity(),
        "nor_conv_1x1": lambda: relu_conv_bn(channels, channels, 1, 1),
        "nor_conv_3x3": lambda: relu_conv_bn(channels, channels, 3, 1),
        "avg_pool_3x3": lambda: nn.AvgPool2d(3, 1, 1, count_include_pad=False),
    }[name]()


class Cell(nn.Module):
    def __init__(self, text, channels):
        super().__init__()
        self.edges = nn.ModuleList()
        self.sources = []
        for node in text.split("+"):
            parts = [part.split("~") for part in node.strip("|").split("|")]
            self.sources.append([int(source) for _, source in parts])
            self.edges.append(nn.ModuleList(make_op(name, channels) for name, _ in parts))

    def forward(self, x):
        nodes = [x]
        for ops, sources in zip(self.edges, self.sources):
            nodes.append(sum(op(nodes[source]) for op, source in zip(ops, sources)))
        return nodes[-1]


class Residual(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.a = relu_conv_bn(c_in, c_out, 3, 2)
        self.b = relu_conv_bn(c_out, c_out, 3, 1)
        self.down = nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(c_in, c_out, 1, bias=False))

    def forward(self, x):
        return self.down(x) + self.b(self.a(x))


def network(text, channels=16, cells=5, classes=10):
    layers = [nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)]
    for stage in range(3):
        if stage:
            layers.append(Residual(channels, 2 * channels))
            channels *= 2
        layers += [Cell(text, channels) for _ in range(cells)]
    layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
               nn.Linear(channels, classes)]
    return nn.Sequential(*layers)


def step(model, optimizer, images, labels):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--cell", choices=CELLS)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--channels-last", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    layout = torch.channels_last if args.channels_last else torch.contiguous_format
    for name in [args.cell] if args.cell else CELLS:
        model = network(CELLS[name]).to(memory_format=layout)
        optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
        images = torch.randn(args.batch, 3, 32, 32).to(memory_format=layout)
        labels = torch.randint(0, 10, (args.batch,))
        step(model, optimizer, images, labels)
        wall, processor = [], []
        for _ in range(args.steps):
            start, ticks = time.perf_counter(), time.process_time()
            step(model, optimizer, images, labels)
            wall.append(time.perf_counter() - start)
            processor.append(time.process_time() - ticks)
        print(f"{name:12} threads {args.threads}  {args.batch / statistics.median(wall):8.1f} images/s"
              f"  {args.batch / statistics.median(processor):8.1f} images/processor-s", flush=True)
        if args.profile:
            with torch.profiler.profile() as profile:
                step(model, optimizer, images, labels)
            print(profile.key_averages().table(sort_by="self_cpu_time_total", row_limit=25))


if __name__ == "__main__":
    main()
