"""Silero's voice activity detector, for many clips at once."""

import numpy as np
import onnxruntime

SAMPLE_RATE = 16000
WINDOW = 512  # samples the model judges at a time: 32 ms
CONTEXT = 64  # samples of the window before, which it wants to see again


class Detector:
    def __init__(self, model, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # A thread which waits for work by spinning burns the very CPU that the limit shares out.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def probabilities(self, clips):
        """For each clip, the probability of speech in each of its windows (a rest is dropped)."""
        lengths = [len(clip) // WINDOW for clip in clips]
        padded = np.zeros((len(clips), max(lengths) * WINDOW), np.float32)
        for row, clip, length in zip(padded, clips, lengths):
            row[: length * WINDOW] = clip[: length * WINDOW]

        # The windows of a clip depend on each other; those of different clips share an inference.
        state = np.zeros((2, len(clips), 128), np.float32)
        context = np.zeros((len(clips), CONTEXT), np.float32)
        columns = []
        for window in np.split(padded, max(lengths), axis=1):
            feed = {"input": np.hstack([context, window]), "state": state, "sr": np.array(SAMPLE_RATE)}
            column, state = self.session.run(None, feed)
            columns.append(column)
            context = window[:, -CONTEXT:]
        table = np.hstack(columns)
        return [row[:length].tolist() for row, length in zip(table, lengths)]
