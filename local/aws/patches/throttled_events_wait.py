"""Lambda keeps an asynchronous event while the function's reserved concurrency is 0, until the event's maximum
age (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html). MiniStack counts the
throttled attempts as failures and gives the event up after the third one."""

import contextvars
import threading
import time

PAUSE_SECONDS = 0.1


def apply() -> None:
    from ministack.services import lambda_svc

    invoke = lambda_svc.invoke_async_with_retry

    def wait_and_invoke(func, event):
        config = func.get("config") or func
        account, region = lambda_svc._account_region_from_function_config(config)
        lambda_svc._request_account_id.set(account)
        lambda_svc._request_region.set(region)
        settings = func.get("event_invoke_config") or {}
        until = time.time() + int(settings.get("MaximumEventAgeInSeconds", 21600))
        while time.time() < until:
            # The record of now: the function may have another configuration by then.
            current = lambda_svc._functions.get(config["FunctionName"])
            if current is None:
                return
            if not is_stopped(current):
                invoke(current, event)
                return
            time.sleep(PAUSE_SECONDS)

    def invoke_async_with_retry(func, event):
        if not is_stopped(func):
            invoke(func, event)
            return
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(wait_and_invoke, func, event), daemon=True).start()

    lambda_svc.invoke_async_with_retry = invoke_async_with_retry


def is_stopped(func) -> bool:
    reserved = func.get("concurrency")
    if isinstance(reserved, dict):
        reserved = reserved.get("ReservedConcurrentExecutions")
    return reserved is not None and int(reserved) == 0
