"""Helpers that several patches share."""

import sys
import threading


def replace(original, replacement) -> None:
    """Puts `replacement` in every place of MiniStack's CloudFormation that holds `original`. There are several
    places: `from x import name` copies a function into the importing module, and a table has the actions."""
    found = False
    for name, module in list(sys.modules.items()):
        if not name.startswith("ministack.services.cloudformation"):
            continue
        for key, value in list(vars(module).items()):
            if value is original:
                setattr(module, key, replacement)
                found = True
            elif isinstance(value, dict) and not key.startswith("__"):
                for action in [k for k, v in value.items() if v is original]:
                    value[action] = replacement
    if not found:
        raise RuntimeError(f"{original} was not found: has MiniStack changed?")


def is_custom_resource(resource_type: str) -> bool:
    return resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource"


def is_custom_resource_event(event) -> bool:
    return isinstance(event, dict) and "ResponseURL" in event and "RequestType" in event


class Conversation(threading.local):
    """The custom resource request of this thread. MiniStack uses one thread for each request."""

    request_id = ""
    token = ""


conversation = Conversation()
# Answers by the token of their ResponseURL.
answers: dict[str, dict] = {}
_listening = False


def listen() -> None:
    """Keeps `conversation` and `answers` up to date. Further calls do nothing."""
    global _listening
    if _listening:
        return
    _listening = True
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import custom_resource

    register, deliver, execute = (
        custom_resource.register_token,
        custom_resource.deliver_response,
        lambda_svc._execute_function_with_config_scope,
    )

    def register_token(token):
        conversation.token = token
        answers[token] = {}
        return register(token)

    def deliver_response(token, response):
        # Stored first, because deliver() wakes the thread that reads it.
        if token in answers:
            answers[token] = response
        return deliver(token, response)

    def execute_function(func, event):
        if is_custom_resource_event(event):
            conversation.request_id = event["RequestId"]
        return execute(func, event)

    custom_resource.register_token = register_token
    custom_resource.deliver_response = deliver_response
    lambda_svc._execute_function_with_config_scope = execute_function


def take_answer() -> dict:
    """The answer to the request of this thread; {} if there was none."""
    return answers.pop(conversation.token, {})
