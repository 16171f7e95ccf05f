"""The ResponseURL is a presigned S3 URL. Its query has the date of the request, and its signature is a secret.
MiniStack's URL has no query. The signature here is random, because nothing checks it."""

import secrets
from datetime import datetime, timezone
from urllib.parse import urlencode


def apply() -> None:
    from ministack.core.responses import get_region
    from ministack.services.cloudformation import custom_resource

    plain = custom_resource._response_url

    def response_url(token):
        now = datetime.now(timezone.utc)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": now.strftime("%Y%m%dT%H%M%SZ"),
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Expires": "7200",
            "X-Amz-Credential": f"test/{now:%Y%m%d}/{get_region()}/s3/aws4_request",
            "X-Amz-Signature": secrets.token_hex(32),
        }
        return f"{plain(token)}?{urlencode(query)}"

    custom_resource._response_url = response_url
