"""What the gateway adds to the answer of `POST /v1/classify`."""

from services.http.schemas import ClassifyResponse


class DeidentifiedResponse(ClassifyResponse):
    """Also how many identifiers of each type were taken out of each text, in the order of the request."""

    deidentified: list[dict[str, int]]
