"""The control plane as a whole: its parts put together, its routes, and who may use them."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from pipeline.local.control.accounts import Accounts
from pipeline.local.control.billing import Billing
from pipeline.local.control.datasets import Datasets
from pipeline.local.control.downloads import Downloads
from pipeline.local.control.jobs import JobRoutes, Jobs
from pipeline.local.control.names import ACCOUNT, LIBRARY
from pipeline.local.control.pace import Pace
from pipeline.local.control.runner import Answering, Runner
from pipeline.local.control.signed import PREFIX, Signer
from pipeline.local.control.splitting import Splitting
from pipeline.local.control.status import Code, Status
from pipeline.local.control.storage import Storage
from pipeline.local.control.uploads import DatasetRoutes
from pipeline.local.protocol import Refusal

Endpoint = Callable[[Request], Awaitable[Response]]
Rule = tuple[str, str, Endpoint]
"""Method, path, and what answers."""
_ACCOUNT = "/v1/accounts/{account}"
_PATHS = ("/v1/accounts", "/verifyApiKey")


class ControlPlane:
    """All of it.

    Args:
        folder: Where its state is kept.
        pace: How time passes.
        knows: Whether a request bears the key.
        answering: Who answers the rows of batch jobs.

    Raises:
        ConfigError: What is in the folder is not its state.
    """

    def __init__(
        self, folder: Path, pace: Pace, knows: Callable[[Request], bool], answering: Answering
    ) -> None:
        self._knows = knows
        self._datasets, signer = Datasets(folder / "datasets", pace), Signer()
        self._accounts, self._billing = Accounts(answering.ledger, pace), Billing(answering.ledger)
        self._uploads = DatasetRoutes(self._datasets, signer, pace)
        self._downloads = Downloads(self._datasets, signer, pace)
        self._splitting = Splitting(self._datasets, folder / "splitting")
        self._storage = Storage(self._datasets, signer, pace)
        jobs = Jobs(folder / "jobs", self._datasets, pace)
        self._runner = Runner(jobs, self._datasets, answering, pace)
        self._jobs = JobRoutes(jobs, self._runner.start, self._runner.stop)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Batch jobs are worked on while the block lasts."""
        return self._runner.running()

    def rules(self) -> list[Rule]:
        """Every route; of two that fit a path, the first one counts."""
        keyed = [*self._of_accounts(), *self._of_datasets(), *self._of_jobs()]
        return [
            *((method, path, self._for_callers(endpoint)) for method, path, endpoint in keyed),
            ("PUT", f"{PREFIX}/{{dataset}}/{{registration}}/{{filename}}", self._storage.put),
            ("GET", f"{PREFIX}/{{dataset}}/{{filename}}", self._storage.fetch),
        ]

    def _of_accounts(self) -> list[Rule]:
        accounts, billing = self._accounts, self._billing
        return [
            ("GET", "/verifyApiKey", accounts.verify),
            ("GET", "/v1/accounts", accounts.listed),
            ("GET", _ACCOUNT, accounts.single),
            ("GET", f"{_ACCOUNT}/quotas", accounts.quotas),
            ("GET", f"{_ACCOUNT}/quotas/{{quota}}", accounts.quota),
            ("GET", f"{_ACCOUNT}/models", accounts.models),
            ("GET", f"{_ACCOUNT}/models/{{model}}", accounts.model),
            ("GET", f"{_ACCOUNT}/deployments", accounts.deployments),
            ("GET", f"{_ACCOUNT}/deployments/{{deployment}}", accounts.deployment),
            ("GET", f"{_ACCOUNT}/auditLogs", accounts.none),
            ("GET", f"{_ACCOUNT}/billing/summary", billing.summary),
            ("GET", f"{_ACCOUNT}/billingUsage", billing.usage),
        ]

    def _of_datasets(self) -> list[Rule]:
        routes, every = self._uploads, f"{_ACCOUNT}/datasets"
        one = f"{every}/{{dataset}}"
        return [
            ("POST", f"{one}:upload", routes.upload),
            ("POST", f"{one}:getUploadEndpoint", routes.upload_endpoint),
            ("POST", f"{one}:validateUpload", routes.validate),
            ("GET", f"{one}:getDownloadEndpoint", self._downloads.endpoint),
            ("POST", f"{one}:splitDataset", self._splitting.split),
            ("POST", every, routes.create),
            ("GET", every, routes.listed),
            ("GET", one, routes.single),
            ("PATCH", one, routes.update),
            ("DELETE", one, routes.delete),
        ]

    def _of_jobs(self) -> list[Rule]:
        routes, every = self._jobs, f"{_ACCOUNT}/batchInferenceJobs"
        return [
            ("POST", every, routes.create),
            ("GET", every, routes.listed),
            ("GET", f"{every}/{{job}}", routes.single),
            ("DELETE", f"{every}/{{job}}", routes.delete),
        ]

    def _for_callers(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint for those who bear the key, about the accounts it is good for."""

        async def checked(request: Request) -> Response:
            if not self._knows(request):
                # The status that the service gives here, where a chat completion gets 401.
                raise Refusal(403, "The API key you provided is invalid.", code="UNAUTHORIZED")
            account = request.path_params.get("account", ACCOUNT)
            is_public = account == LIBRARY and "/models" in request.url.path
            if account != ACCOUNT and not is_public:
                raise Status(Code.PERMISSION_DENIED, f"the key is not one of account {account[:63]!r}")
            return await endpoint(request)

        return checked


def is_control(path: str) -> bool:
    """Whether a path belongs to the control plane, even where nothing is."""
    return path.startswith(_PATHS)
