"""The side of diffusers in make diffusers: training, the predicted noise, whole chains with given noise."""
import time

import numpy as np
import torch
from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel
from diffusers.pipelines.ddpm import pipeline_ddpm
from diffusers.schedulers import scheduling_ddpm
from diffusers.training_utils import EMAModel

# Every option but the image and the widths has the library's default: four levels, three of them with
# attention in heads of 8 channels, symmetric padding, 32 groups. The chain is that of make demo.
WIDTHS = 32, 64, 64, 64
T = 200
BATCH, RATE, AVERAGE = 32, 1e-3, 0.995


def new_network(side):
    return UNet2DModel(sample_size=side, in_channels=1, out_channels=1, block_out_channels=WIDTHS)


def new_scheduler():
    return DDPMScheduler(num_train_timesteps=T, beta_start=5e-4, beta_end=0.1)


def read_images(path, side):
    """Returns the images of an IDX file, (N, 1, side, side) in [-1, 1]."""
    pixels = np.fromfile(path, np.uint8, offset=16).reshape(-1, 1, side, side)
    return torch.from_numpy(pixels).float() / 127.5 - 1


class Training:
    """Algorithm 1 in the library, which goes on where the file `state` stopped."""

    def __init__(self, images, state):
        torch.manual_seed(0)
        self.images, self.state, self.step, self.seconds = images, state, 0, 0.0
        self.network, self.scheduler = new_network(images.shape[-1]), new_scheduler()
        self.average = EMAModel(self.network.parameters(), decay=AVERAGE)
        self.adam = torch.optim.Adam(self.network.parameters(), RATE)
        if state.exists():
            self.load_state(torch.load(state))

    def load_state(self, saved):
        self.step, self.seconds = saved["step"], saved["seconds"]
        self.network.load_state_dict(saved["network"])
        self.average.load_state_dict(saved["average"])
        self.adam.load_state_dict(saved["adam"])

    def run(self, steps, say):
        self.network.train()
        generator = torch.Generator().manual_seed(self.step)
        begin, first = time.perf_counter(), self.step
        for self.step in range(first + 1, first + steps + 1):
            x_0 = self.images[torch.randint(len(self.images), (BATCH,), generator=generator)]
            t = torch.randint(T, (BATCH,), generator=generator)
            eps = torch.randn(x_0.shape, generator=generator)
            loss = (self.network(self.scheduler.add_noise(x_0, eps, t), t).sample - eps).square().mean()
            self.adam.zero_grad()
            loss.backward()
            self.adam.step()
            self.average.step(self.network.parameters())
            if self.step % 100 == 0:
                pace = (time.perf_counter() - begin) / (self.step - first)
                say(f"step {self.step}, loss {loss.item():.4f}, {BATCH / pace:.0f} images/s, "
                    f"{pace * (first + steps - self.step):.0f} s to the next score")
        self.seconds += time.perf_counter() - begin

    def save(self, folder):
        """Writes the average as a pipeline into the folder, and what training needs to go on."""
        averaged = new_network(self.images.shape[-1])
        self.average.copy_to(averaged.parameters())
        DDPMPipeline(averaged, self.scheduler).save_pretrained(folder)
        unsaved = self.state.with_suffix(".unsaved")
        torch.save({"step": self.step, "seconds": self.seconds, "network": self.network.state_dict(),
                    "average": self.average.state_dict(), "adam": self.adam.state_dict()}, unsaved)
        unsaved.replace(self.state)


def open_pipeline(folder):
    pipeline = DDPMPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@torch.no_grad()
def predict(pipeline, x, t):
    """Returns the noise predicted in step t of 1..T, which the library counts from 0."""
    return pipeline.unet(torch.from_numpy(x), t - 1).sample.numpy()


def run_chain(pipeline, x_T, z):
    """Returns x after the first step, and the images, of a call of the pipeline whose normal numbers are x_T
    and the rows of z, the last first. The pipeline itself maps x_0 to [0, 1] and clips it."""
    numbers = iter([x_T, *reversed(z)])

    def given(shape, **_):
        x = torch.from_numpy(next(numbers))
        assert x.shape == torch.Size(shape), (x.shape, shape)
        return x

    after, step = [], pipeline.scheduler.step

    def observed(*arguments, **options):
        made = step(*arguments, **options)
        after.append(made.prev_sample.numpy())
        return made

    pipeline.scheduler.step = observed
    pipeline_ddpm.randn_tensor = scheduling_ddpm.randn_tensor = given
    steps = pipeline.scheduler.config.num_train_timesteps
    images = pipeline(batch_size=len(x_T), num_inference_steps=steps, output_type="np").images
    assert len(after) == steps, (len(after), steps)
    return after[0], np.moveaxis(images, -1, 1)
