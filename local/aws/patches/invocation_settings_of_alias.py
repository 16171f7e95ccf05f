"""Lambda takes retries and destinations of an asynchronous invocation by an alias from the EventInvokeConfig
of that alias (https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html). MiniStack
takes those of $LATEST for every invocation."""


def apply() -> None:
    from ministack.services import lambda_svc

    invoke = lambda_svc.invoke_async_with_retry

    def invoke_async_with_retry(func, event):
        config = func.get("config") or func
        _, qualifier = lambda_svc._resolve_name_and_qualifier(config["FunctionArn"])
        settings = (func.get("event_invoke_configs") or {}).get(qualifier)
        return invoke({**func, "event_invoke_config": settings} if settings else func, event)

    lambda_svc.invoke_async_with_retry = invoke_async_with_retry
