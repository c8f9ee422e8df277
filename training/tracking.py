"""A run of a training command as a ClearML task, where ClearML is at hand; nothing at all where it is not.

    with tracking("train-bilstm", options) as run:
        run.scalar("loss/train", loss, step)
        run.scalar("AUROC", area)              # a single value, without a step
        run.model(path)

At hand means: the package `clearml` is installed, and configured by its environment variables, by a clearml.conf, or
for its offline mode (CLEARML_OFFLINE_MODE=1). Nothing is patched or captured: only what is handed over here is sent,
and texts of essays are not.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PROJECT = "essay-gateway"


def is_configured() -> bool:
    """Whether there is a ClearML to send to. Installed alone is not enough: its client would ask for credentials."""
    if find_spec("clearml") is None:
        return False
    from clearml import Task
    from clearml.backend_config.defs import get_active_config_file

    keys = ("CLEARML_API_ACCESS_KEY", "CLEARML_API_SECRET_KEY")
    return Task.is_offline() or all(map(os.environ.get, keys)) or get_active_config_file() is not None


class Run:
    """What a command tells of itself while it runs. Without a task, every method does nothing."""

    def __init__(self, task: Any = None) -> None:  # noqa: ANN401 - clearml.Task, which may not be installed
        self.task = task

    def scalar(self, name: str, value: float, step: int | None = None) -> None:
        """A number, at a step of training or, without one, of the whole run. Of `loss/train`, `loss` is the plot and
        `train` the curve in it."""
        if self.task is None:
            return
        if step is None:
            self.task.get_logger().report_single_value(name, float(value))
        else:
            plot, _, curve = name.partition("/")
            self.task.get_logger().report_scalar(plot, curve or plot, float(value), iteration=step)

    def model(self, path: Path | str, name: str | None = None) -> None:
        """Registers a file as an output of the run, under its own name or the one given. The file stays where it is.

        Raises FileNotFoundError: a command that has written nothing must not look as if it had."""
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"there is no model to register at {path}")
        if self.task is None:
            return
        from clearml import OutputModel

        registered = OutputModel(task=self.task, name=name or path.stem, framework=path.suffix.lstrip(".") or "file")
        if self.task.is_offline():
            # update_weights asks whether the model is locked, which ClearML's stand-in (1.18 to 2.1.12) cannot say.
            registered._get_base_model().locked = False
        registered.update_weights(str(path), auto_delete_file=False, async_enable=False)


def parameters(options: argparse.Namespace | Mapping[str, object]) -> dict[str, object]:
    """Options as ClearML shows them: what is not a number, a truth or a text becomes one."""
    values = vars(options) if isinstance(options, argparse.Namespace) else options
    return {name: value if isinstance(value, bool | int | float | str) or value is None else str(value)
            for name, value in values.items()}


@contextmanager
def tracking(
    name: str, options: argparse.Namespace | Mapping[str, object], project: str = PROJECT,
) -> Iterator[Run]:
    """One task for the block: its parameters are `options`, and it has failed where the block raises."""
    if not is_configured():
        yield Run()
        return
    from clearml import Task

    # Reports go out from a thread, not from a forked process: a fork of a program with torch's threads may hang.
    Task._report_subprocess_enabled = False
    task = Task.init(
        project_name=project, task_name=name, reuse_last_task_id=False, auto_connect_arg_parser=False,
        auto_connect_frameworks=False, auto_connect_streams=False, auto_resource_monitoring=False)
    try:
        task.connect(parameters(options), name="options")
        yield Run(task)
    except BaseException as error:
        # The type alone: a message may quote what was being read.
        task.mark_failed(status_reason=type(error).__name__)
        raise
    finally:
        task.close()
