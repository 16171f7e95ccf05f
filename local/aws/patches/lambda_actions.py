"""The reads of a function's concurrency and of its settings for events have permissions of their own
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html). With AUTH=true
MiniStack takes them for PutFunctionConcurrency and GetFunction."""

NAMES = {
    "concurrency": {
        "GET": "GetFunctionConcurrency",
        "PUT": "PutFunctionConcurrency",
        "DELETE": "DeleteFunctionConcurrency",
    },
    "event-invoke-config": {
        "GET": "GetFunctionEventInvokeConfig",
        "PUT": "PutFunctionEventInvokeConfig",
        "POST": "UpdateFunctionEventInvokeConfig",
        "DELETE": "DeleteFunctionEventInvokeConfig",
    },
}


def apply() -> None:
    from ministack.core import iam_actions

    named = iam_actions._lambda_action

    def lambda_action(method, path):
        last = path.rstrip("/").rsplit("/", 1)[-1]
        return NAMES.get(last, {}).get(method) or named(method, path)

    iam_actions._lambda_action = lambda_action
