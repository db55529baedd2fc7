"""The account, its quotas and its models: what a pipeline asks before it begins."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from pipeline.local.control.ledger import Ledger
from pipeline.local.control.limits import REQUESTS_PER_MINUTE
from pipeline.local.control.names import ACCOUNT, EMAIL, LIBRARY, full_name
from pipeline.local.control.pace import Pace, stamp
from pipeline.local.control.paging import masked, page_of, parameter
from pipeline.local.control.status import gone
from pipeline.local.control.wire import Resource, answer
from pipeline.local.protocol import CONTEXT_LENGTH, DEPLOYMENT, MODEL_ID, MODEL_NAMES

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_FINE = {"code": "OK", "message": ""}


class Accounts:
    """Answers about what there is.

    Args:
        ledger: What was answered.
        pace: Says what time it is.
    """

    def __init__(self, ledger: Ledger, pace: Pace) -> None:
        self._ledger, self._pace = ledger, pace

    async def verify(self, _request: Request) -> Response:
        """GET /verifyApiKey, for a key that is known: whose it is."""
        return answer({}, {"x-fireworks-account-id": ACCOUNT})

    async def listed(self, request: Request) -> Response:
        """GET accounts: one."""
        return answer(page_of([_account()], request.query_params, "accounts"))

    async def single(self, request: Request) -> Response:
        """GET the account."""
        return answer(masked(_account(), parameter(request.query_params, "readMask")))

    async def quotas(self, request: Request) -> Response:
        """GET quotas."""
        return answer(page_of(self._quotas(), request.query_params, "quotas"))

    async def quota(self, request: Request) -> Response:
        """GET one."""
        return _one(request, self._quotas(), full_name("quotas", request.path_params["quota"]))

    async def models(self, request: Request) -> Response:
        """GET models, of the account or of the library: the engine."""
        return answer(page_of(_models(request), request.query_params, "models"))

    async def model(self, request: Request) -> Response:
        """GET one."""
        name = full_name("models", request.path_params["model"], request.path_params["account"])
        return _one(request, [{**model, "deployedModelRefs": []} for model in _models(request)], name)

    async def deployments(self, request: Request) -> Response:
        """GET deployments: one, of the engine."""
        return answer(page_of([_deployment()], request.query_params, "deployments"))

    async def deployment(self, request: Request) -> Response:
        """GET it."""
        return _one(request, [_deployment()], full_name("deployments", request.path_params["deployment"]))

    async def none(self, request: Request) -> Response:
        """GET a list of what this server has none of: the last part of the path says what."""
        return answer(page_of([], request.query_params, request.url.path.rpartition("/")[2]))

    def _quotas(self) -> list[Resource]:
        values = {
            "serverless-inference-rpm": (REQUESTS_PER_MINUTE, self._ledger.last_minute().requests),
            "monthly-spend-usd": (50, 0),
        }
        return [
            {
                "name": full_name("quotas", name),
                "value": str(value),
                "maxValue": str(value),
                "usage": float(usage),
                "updateTime": stamp(self._pace.clock()),
            }
            for name, (value, usage) in values.items()
        ]


def _one(request: Request, resources: list[Resource], name: str) -> Response:
    for resource in resources:
        if resource["name"] == name:
            return answer(masked(resource, parameter(request.query_params, "readMask")))
    raise gone()


def _account() -> Resource:
    return {
        "name": f"accounts/{ACCOUNT}",
        "displayName": "pagelake",
        "email": EMAIL,
        "createTime": stamp(_EPOCH),
        "updateTime": stamp(_EPOCH),
        "accountType": "ACCOUNT_TYPE_UNSPECIFIED",
        "state": "READY",
        "status": _FINE,
        "suspendState": "UNSUSPENDED",
    }


def _models(request: Request) -> list[Resource]:
    account = request.path_params["account"]
    return [_model(name) for name in MODEL_NAMES if name.startswith(f"accounts/{account}/")]


def _deployment() -> Resource:
    return {
        "name": DEPLOYMENT,
        "displayName": MODEL_ID,
        "createTime": stamp(_EPOCH),
        "updateTime": stamp(_EPOCH),
        "state": "READY",
        "status": _FINE,
        "baseModel": MODEL_NAMES[0],
        "replicaCount": 1,
        "desiredReplicaCount": 1,
        "minReplicaCount": 1,
        "maxReplicaCount": 1,
        "maxContextLength": CONTEXT_LENGTH,
    }


def _model(name: str) -> Resource:
    return {
        "name": name,
        "displayName": MODEL_ID,
        "description": "OCR and rules on this machine.",
        "createTime": stamp(_EPOCH),
        "updateTime": stamp(_EPOCH),
        "state": "READY",
        "status": _FINE,
        "kind": "HF_BASE_MODEL",
        "public": name.startswith(f"accounts/{LIBRARY}/"),
        "contextLength": CONTEXT_LENGTH,
        "supportsImageInput": True,
        "supportsTools": False,
        "supportsServerless": True,
        "supportsLora": False,
        "supervisedLoraTunable": False,
        "defaultSamplingParams": {},
        "deprecationDate": None,
    }
