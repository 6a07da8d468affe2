"""What a request says: {"audio": BASE64}, where the audio is 16-bit mono PCM at 16 kHz."""

import base64
import json

import numpy as np

from detector import SAMPLE_RATE, WINDOW

LONGEST = 30 * SAMPLE_RATE


def decode(body):
    """The samples, between -1 and 1. Raises ValueError for anything which is not such a request."""
    message = json.loads(body)
    if not isinstance(message, dict) or not isinstance(message.get("audio"), str):
        raise ValueError('the body must be {"audio": BASE64}')
    pcm = base64.b64decode(message["audio"], validate=True)
    samples = np.frombuffer(pcm, "<i2")
    if not WINDOW <= len(samples) <= LONGEST:
        raise ValueError(f"the audio must have between {WINDOW} and {LONGEST} samples")
    return samples.astype(np.float32) / 32768
