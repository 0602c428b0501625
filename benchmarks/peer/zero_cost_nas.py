#!/usr/bin/env python3
"""The seven proxies of Abdelfattah et al. (ICLR 2021) in plain PyTorch, one after the other, as a
user of the published algorithms would run them: a deep copy of the network for each proxy.

usage: zero_cost_nas.py FILE [BATCH]     FILE: one NAS-Bench-201 string a line
Prints seconds of one thread (time.thread_time) for each proxy and for the set.
"""
import copy
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)


class ReluConvBn(nn.Module):
    def __init__(self, c_in, c_out, kernel, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(c_out)

    def forward(self, x):
        return self.bn(self.conv(F.relu(x)))


class Zero(nn.Module):
    def forward(self, x):
        return x.mul(0.0)


def operation(name, c):
    if name == "none":
        return Zero()
    if name == "skip_connect":
        return nn.Identity()
    if name == "nor_conv_1x1":
        return ReluConvBn(c, c, 1)
    if name == "nor_conv_3x3":
        return ReluConvBn(c, c, 3)
    return nn.AvgPool2d(3, 1, 1, count_include_pad=False)


class Cell(nn.Module):
    def __init__(self, text, c):
        super().__init__()
        self.nodes = nn.ModuleList()
        for node in text.strip("|").split("|+|"):
            names = [edge.split("~")[0] for edge in node.split("|")]
            self.nodes.append(nn.ModuleList(operation(name, c) for name in names))

    def forward(self, x):
        values = [x]
        for node in self.nodes:
            values.append(sum(op(value) for op, value in zip(node, values)))
        return values[-1]


class Reduction(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = ReluConvBn(c, 2 * c, 3, 2)
        self.b = ReluConvBn(2 * c, 2 * c, 3)
        self.shortcut = nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(c, 2 * c, 1, bias=False))

    def forward(self, x):
        return self.shortcut(x) + self.b(self.a(x))


class Network(nn.Module):
    def __init__(self, text, classes=10):
        super().__init__()
        layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)]
        for stage, c in enumerate((16, 32, 64)):
            if stage > 0:
                layers.append(Reduction(c // 2))
            layers += [Cell(text, c) for _ in range(5)]
        self.body = nn.Sequential(*layers, nn.BatchNorm2d(64), nn.ReLU())
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))


def weights_of(net):
    return [m.weight for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]


def first_order(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    return [(w, w.grad) for w in weights_of(net) if w.grad is not None]


def grad_norm(net, x, y):
    return sum(g.norm().item() for _, g in first_order(net, x, y))


def snip(net, x, y):
    return sum((w * g).abs().sum().item() for w, g in first_order(net, x, y))


def plain(net, x, y):
    return sum((w * g).sum().item() for w, g in first_order(net, x, y))


def fisher(net, x, y):
    sums = []

    def forward_hook(module, _, output):
        activation = output.detach()
        factor = module.weight.numel() / module.weight.shape[0]

        def backward_hook(gradient):
            product = activation * gradient
            if product.dim() == 4:
                product = product.sum((2, 3))
            sums.append(factor * (product.pow(2).mean(0) / 2).sum().item())

        output.register_hook(backward_hook)
        return output

    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.register_forward_hook(forward_hook)
    first_order(net, x, y)
    return sum(sums)


def grasp(net, x, y):
    weights = weights_of(net)
    constant = torch.autograd.grad(F.cross_entropy(net(x), y), weights, allow_unused=True)
    again = torch.autograd.grad(
        F.cross_entropy(net(x), y), weights, create_graph=True, allow_unused=True
    )
    z = sum((a.detach() * b).sum() for a, b in zip(constant, again) if a is not None)
    z.backward()
    return sum(-(w * w.grad).sum().item() for w in weights if w.grad is not None)


def jacob_cov(net, x, y):
    x = x.clone().requires_grad_(True)
    net(x).backward(torch.ones(x.shape[0], net.head.out_features))
    v = torch.linalg.eigvalsh(torch.corrcoef(x.grad.reshape(x.shape[0], -1).double()))
    return -(torch.log(v + 1e-5) + 1 / (v + 1e-5)).sum().item()


def synflow(net, x, y):
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.forward = lambda value: value
    net.double()
    with torch.no_grad():
        for value in net.state_dict().values():
            value.abs_()
    net(torch.ones((1,) + x.shape[1:], dtype=torch.float64)).sum().backward()
    return sum((w * w.grad).abs().sum().item() for w in weights_of(net) if w.grad is not None)


PROXIES = (grad_norm, snip, grasp, fisher, jacob_cov, plain, synflow)


def main():
    texts = [line.strip() for line in open(sys.argv[1], encoding="utf-8") if line.strip()]
    batch = int(sys.argv[2]) if len(sys.argv) > 2 else 64
    torch.manual_seed(0)
    x, y = torch.randn(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
    seconds = dict.fromkeys((proxy.__name__ for proxy in PROXIES), 0.0)
    for text in texts:
        net = Network(text)
        net.train()
        for proxy in PROXIES:
            start = time.thread_time()
            proxy(copy.deepcopy(net), x, y)
            seconds[proxy.__name__] += time.thread_time() - start
    for name, value in seconds.items():
        print(f"{name} {value / len(texts):.4f}")
    print(f"set {sum(seconds.values()) / len(texts):.4f}")


if __name__ == "__main__":
    main()
