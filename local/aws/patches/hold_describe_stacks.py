"""`aws cloudformation deploy` and `wait` ask every 30 seconds, so a stack of two seconds would take thirty
here. This patch answers their DescribeStacks when the stack has settled.

Only the calls of a waiter are held. botocore marks them in the user agent's list of features (`m/...`, `B`
for a waiter: botocore/useragent.py). A provider or a person who asks during an operation gets an answer at once.
"""

import asyncio
import re
import time
from urllib.parse import parse_qs

# Below the CLI's read time-out of 60 seconds.
HOLD_SECONDS = 45
WAITER = re.compile(r"(^|\s)m/(\S+,)?B(,|\s|$)")


def apply() -> None:
    from ministack.services import cloudformation as cfn

    answer = cfn.handle_request

    async def handle_request(method, path, headers, body, query_params):
        if WAITER.search(headers.get("user-agent", "")):
            form = {**query_params, **parse_qs((body or b"").decode("utf-8", "replace"))}
            if form.get("Action") == ["DescribeStacks"]:
                await _settled(form.get("StackName", [""])[0])
        return await answer(method, path, headers, body, query_params)

    cfn.handle_request = handle_request


async def _settled(name_or_id: str) -> None:
    from ministack.services.cloudformation import _stacks

    end = time.monotonic() + HOLD_SECONDS
    while time.monotonic() < end:
        # _stacks has only the stacks of the account and region of the request.
        if not any(
            name_or_id in (stack.get("StackName"), stack.get("StackId"))
            and stack.get("StackStatus", "").endswith("_IN_PROGRESS")
            and stack.get("StackStatus") != "REVIEW_IN_PROGRESS"
            for stack in list(_stacks.values())
        ):
            return
        await asyncio.sleep(0.05)
