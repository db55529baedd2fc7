"""The route to the files of a dataset, and of those that a chain of jobs made before it."""

from starlette.requests import Request
from starlette.responses import Response

from pipeline.local.control.datasets import Datasets
from pipeline.local.control.pace import Pace
from pipeline.local.control.paging import parameter
from pipeline.local.control.signed import Signer
from pipeline.local.control.status import Code, Status, invalid
from pipeline.local.control.uploads import host_of
from pipeline.local.control.wire import Resource, answer, has_body


class Downloads:
    """Hands out URLs to fetch files from.

    Args:
        datasets: Whose files they are.
        signer: Of the URLs.
        pace: Says what time it is.
    """

    def __init__(self, datasets: Datasets, signer: Signer, pace: Pace) -> None:
        self._datasets, self._signer, self._pace = datasets, signer, pace

    async def endpoint(self, request: Request) -> Response:
        """GET :getDownloadEndpoint."""
        name: str = request.path_params["dataset"]
        if has_body(request):
            raise invalid("this request takes no body")
        self._datasets.find(name)
        if not self._datasets.is_ready(name):
            raise Status(Code.FAILED_PRECONDITION, "dataset is not in state READY")
        wants_all = parameter(request.query_params, "downloadLineage").lower() == "true"
        names = list(self._datasets.lineage(name)) if wants_all else [name]
        return answer({"filenameToSignedUrls": self._urls(names, host_of(request))})

    def _urls(self, names: list[str], host: str) -> Resource:
        now = self._pace.clock()
        return {
            f"dataset/{name}/{filename}": self._signer.url("GET", f"/{name}/{filename}", host, now)
            for name in names
            for filename in self._datasets.find(name).sizes
        }
