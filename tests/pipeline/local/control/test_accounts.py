"""Who one is, what there is, what one may: over HTTP."""

import httpx
import pytest

from tests.pipeline.local.control.twin import HOME, complaint


def test_the_key_check_names_the_account(shared: httpx.Client) -> None:
    response = shared.get("/verifyApiKey")

    assert response.status_code == 200
    assert response.headers["x-fireworks-account-id"] == "local"


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic x"])
@pytest.mark.parametrize("path", ["/verifyApiKey", "/v1/accounts", f"{HOME}/datasets"])
def test_an_unknown_key_is_forbidden(shared: httpx.Client, path: str, header: str) -> None:
    response = shared.get(path, headers={"Authorization": header})

    assert response.status_code == 403
    error = response.json()["error"]
    assert (error["message"], error["code"]) == ("The API key you provided is invalid.", "UNAUTHORIZED")
    assert response.json()["request_id"] == response.headers["x-request-id"]


def test_there_is_one_account_and_it_is_not_suspended(shared: httpx.Client) -> None:
    listed = shared.get("/v1/accounts").json()
    single = shared.get(HOME).json()

    assert listed == {"accounts": [single], "nextPageToken": "", "totalSize": 1}
    assert (single["name"], single["suspendState"]) == ("accounts/local", "UNSUSPENDED")


def test_the_key_opens_no_other_account(shared: httpx.Client) -> None:
    assert complaint(shared.get("/v1/accounts/other/datasets"))[:2] == (403, 7)
    assert complaint(shared.get("/v1/accounts/fireworks/datasets"))[:2] == (403, 7)


@pytest.mark.parametrize("account", ["local", "fireworks"])
def test_the_model_is_in_the_account_and_in_the_library(shared: httpx.Client, account: str) -> None:
    listed = shared.get(f"/v1/accounts/{account}/models").json()["models"]

    assert [model["name"] for model in listed] == [f"accounts/{account}/models/pagelake-ocr"]
    assert listed[0]["supportsImageInput"] is True
    single = shared.get(f"/v1/{listed[0]['name']}", params={"readMask": "name,status.code"}).json()
    assert single == {"name": listed[0]["name"], "status": {"code": "OK"}}


def test_what_is_not_there_is_not_found(shared: httpx.Client) -> None:
    gone = (404, 5, "resource not found")

    assert complaint(shared.get(f"{HOME}/models/other")) == gone
    assert complaint(shared.get(f"{HOME}/quotas/other")) == gone
    assert complaint(shared.get(f"{HOME}/deployments/other")) == gone
    assert complaint(shared.get(f"{HOME}/nothing")) == (404, 5, "Not Found")
    assert complaint(shared.get(f"{HOME}/quotas/")) == (404, 5, "Not Found")
    assert shared.post(f"{HOME}/quotas").status_code == 405


def test_quotas_are_text_and_numbers_as_the_service_writes_them(shared: httpx.Client) -> None:
    quota = shared.get(f"{HOME}/quotas/serverless-inference-rpm").json()

    assert (quota["value"], quota["maxValue"], quota["usage"]) == ("6000", "6000", 0.0)
    assert shared.get(f"{HOME}/quotas").json()["totalSize"] == 2


def test_the_engine_has_a_deployment_of_its_own(shared: httpx.Client) -> None:
    (listed,) = shared.get(f"{HOME}/deployments").json()["deployments"]

    assert (listed["name"], listed["state"]) == ("accounts/local/deployments/pagelake-ocr", "READY")
    assert shared.get(f"{HOME}/deployments/pagelake-ocr").json() == listed
    assert complaint(shared.get(f"{HOME}/deployments/other"))[0] == 404


def test_there_are_no_audit_logs(shared: httpx.Client) -> None:
    assert shared.get(f"{HOME}/auditLogs").json()["auditLogs"] == []
