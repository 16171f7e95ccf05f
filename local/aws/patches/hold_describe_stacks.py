"""`aws cloudformation deploy` and `wait` look every 30 seconds: on AWS nobody minds, here a stack of
two seconds costs thirty. Their DescribeStacks is answered once the stack has settled.

Only a waiter's calls are held; botocore marks them in the user agent's list of features (`m/...`,
`B` for a waiter: botocore/useragent.py). A provider that asks for the stack's state in the middle of
an operation, and a person who looks, are answered at once.
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
        # _stacks is scoped to the request's account and region.
        if not any(
            name_or_id in (stack.get("StackName"), stack.get("StackId"))
            and stack.get("StackStatus", "").endswith("_IN_PROGRESS")
            and stack.get("StackStatus") != "REVIEW_IN_PROGRESS"
            for stack in list(_stacks.values())
        ):
            return
        await asyncio.sleep(0.05)
