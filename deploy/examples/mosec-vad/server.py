"""Voice activity detection served by mosec. Started by ./serve, which sets the environment."""

import os

from mosec import Server, Worker
from mosec.errors import DecodingError

from detector import Detector
from request_body import decode


class VoiceActivity(Worker):
    def __init__(self):
        self.detector = Detector(os.environ["MODEL"], int(os.environ["INTRA_OP_THREADS"]))

    def deserialize(self, data):
        # Decoded here and not in forward, so that a bad request does not fail its whole batch.
        try:
            return decode(data)
        except ValueError as error:
            raise DecodingError(str(error)) from error

    def forward(self, data):
        # mosec hands over one request instead of a list when the maximum batch is one.
        batched = self.max_batch_size > 1
        answers = [
            {"speech": max(probabilities) > 0.5, "probabilities": [round(p, 3) for p in probabilities]}
            for probabilities in self.detector.probabilities(data if batched else [data])
        ]
        return answers if batched else answers[0]


# mosec spawns its workers, and each of them imports this file.
if __name__ == "__main__":
    server = Server()
    server.append_worker(
        VoiceActivity,
        num=int(os.environ["WORKERS"]),
        max_batch_size=int(os.environ["MAX_BATCH_SIZE"]),
        max_wait_time=int(os.environ["MAX_WAIT_MILLISECONDS"]),
    )
    server.run()
