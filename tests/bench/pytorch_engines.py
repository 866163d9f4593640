"""The engines that make bench-pytorch compares with, each made of the U-Net of pytorch_unet.py.

All have predict(x, t), the forward pass. Those of PyTorch also have apply(x, t), which keeps gradients, and
say in `tuned` whether the rest of a training step is tuned too.
Checked by: tests/bench/pytorch_check.py, which holds their outputs against ours.
"""
import logging

import torch


class AsItComes:
    """PyTorch's eager mode, which chooses everything itself."""
    memory_format, tuned = torch.contiguous_format, False

    def __init__(self, network, x, t):
        self.network = network.to(memory_format=self.memory_format)

    def apply(self, x, t):
        return self.network(x.contiguous(memory_format=self.memory_format), t)

    def predict(self, x, t):
        with torch.inference_mode():
            return self.apply(x, t)


class ChannelsLast(AsItComes):
    """Eager mode in the layout of our tensors, (B, H, W, C) in memory."""
    memory_format, tuned = torch.channels_last, True


class Compiled(ChannelsLast):
    """torch.compile, which writes and compiles C++ at the first call."""

    def __init__(self, network, x, t):
        super().__init__(network, x, t)
        self.network = torch.compile(self.network)


class Bfloat16(ChannelsLast):
    """Products of 16 bits: other rounding, so no part of the comparison."""

    def apply(self, x, t):
        with torch.autocast("cpu", torch.bfloat16):
            return super().apply(x, t).float()


def exported(network, x, t):
    """Returns the network as the bytes of an ONNX model of these shapes, with inputs x and t."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    program = torch.onnx.export(network, (x, t), input_names=["x", "t"], dynamo=True, verbose=False)
    return program.model_proto.SerializeToString()


class OnnxRuntime:
    def __init__(self, network, x, t):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self.session = onnxruntime.InferenceSession(exported(network, x, t), options,
                                                    providers=["CPUExecutionProvider"])

    def predict(self, x, t):
        return torch.from_numpy(self.session.run(None, {"x": x.numpy(), "t": t.numpy()})[0])


class OpenVino:
    def __init__(self, network, x, t):
        import openvino
        core = openvino.Core()
        settings = {"INFERENCE_NUM_THREADS": torch.get_num_threads(), "PERFORMANCE_HINT": "LATENCY",
                    "INFERENCE_PRECISION_HINT": "f32"}
        model = core.compile_model(core.read_model(exported(network, x, t)), "CPU", settings)
        self.request = model.create_infer_request()

    def predict(self, x, t):
        return torch.from_numpy(self.request.infer({"x": x.numpy(), "t": t.numpy()})[0])


ENGINES = {"as it comes": AsItComes, "channels last": ChannelsLast, "compiled": Compiled,
           "bf16 autocast": Bfloat16, "onnxruntime": OnnxRuntime, "OpenVINO": OpenVino}
