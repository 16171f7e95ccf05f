"""An answer over 4,096 bytes fails the resource. MiniStack accepts it.
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html)."""

import json

LIMIT_BYTES = 4096
TOO_LONG = "Response object is too long."


def apply() -> None:
    from ministack import app

    answer = app._handle_post_body_shortcuts

    async def handle(method, path, headers, body, query_params, request_id):
        if method == "PUT" and path.startswith("/_ministack/cfn-response/") and len(body) > LIMIT_BYTES:
            body = json.dumps({"Status": "FAILED", "Reason": TOO_LONG}).encode()
        return await answer(method, path, headers, body, query_params, request_id)

    app._handle_post_body_shortcuts = handle
