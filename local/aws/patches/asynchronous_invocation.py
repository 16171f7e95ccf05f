"""CloudFormation invokes the function asynchronously. It waits for the answer, not for the function, and
Lambda delivers the same event twice more if the function fails. MiniStack invokes the function once, waits
for its return, and starts ServiceTimeout only then."""

from patches._patching import conversation, is_custom_resource_event, listen


def apply() -> None:
    from ministack.services import lambda_svc

    execute = lambda_svc._execute_function_with_config_scope

    def execute_function(func, event):
        if not is_custom_resource_event(event) or not is_from_cloudformation(event):
            return execute(func, event)
        # MiniStack's own asynchronous invocation has EventInvokeConfig, retries and a dead-letter queue.
        lambda_svc.invoke_async_with_retry(func, event)
        return {}

    lambda_svc._execute_function_with_config_scope = execute_function
    # Around this function, so that it hears of every request.
    listen()


def is_from_cloudformation(event) -> bool:
    """A person may invoke the function with the same event, and waits for its end."""
    return conversation.token != "" and conversation.token in event["ResponseURL"]
