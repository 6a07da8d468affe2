"""Check that the installed model tells speech from silence. Usage: check_model.py MODEL REQUEST.json"""

import sys
from pathlib import Path

import numpy as np

from detector import Detector
from request_body import decode

model, request = sys.argv[1:]
speech = decode(Path(request).read_bytes())
found = Detector(model, threads=1).probabilities([speech, np.zeros_like(speech)])
if min(found[0]) < 0.5 or max(found[1]) > 0.5:
    sys.exit(f"check_model.py: the model is wrong: speech {found[0]}, silence {found[1]}")
