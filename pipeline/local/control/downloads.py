"""The route to the files of a dataset, and of those that a chain of jobs made before it."""

from collections.abc import Callable, Iterator

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
        before: Id of the dataset made before the one that a job, by name, has made; None if there was none.
        signer: Of the URLs.
        pace: Says what time it is.
    """

    def __init__(
        self, datasets: Datasets, before: Callable[[str], str | None], signer: Signer, pace: Pace
    ) -> None:
        self._datasets, self._before, self._signer, self._pace = datasets, before, signer, pace

    async def endpoint(self, request: Request) -> Response:
        """GET :getDownloadEndpoint."""
        name: str = request.path_params["dataset"]
        if has_body(request):
            raise invalid("this request takes no body")
        self._datasets.find(name)
        if not self._datasets.is_ready(name):
            raise Status(Code.FAILED_PRECONDITION, "dataset is not in state READY")
        wants_all = parameter(request.query_params, "downloadLineage").lower() == "true"
        names = self._chain(name) if wants_all else [name]
        return answer({"filenameToSignedUrls": self._urls(names, host_of(request))})

    def _urls(self, names: list[str], host: str) -> Resource:
        now = self._pace.clock()
        return {
            f"dataset/{name}/{filename}": self._signer.url("GET", f"/{name}/{filename}", host, now)
            for name in names
            for filename in self._datasets.find(name).sizes
        }

    def _chain(self, name: str) -> list[str]:
        """The dataset and those of the jobs before; one that was deleted is left out."""
        return [each for each in self._walk(name) if each in self._datasets]

    def _walk(self, name: str | None) -> Iterator[str]:
        while name is not None:
            yield name
            made_by = self._datasets.find(name).source_job_name if name in self._datasets else ""
            name = self._before(made_by) if made_by else None
