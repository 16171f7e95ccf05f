"""The stack event of a failed custom resource quotes the reason of the provider and names the request.
MiniStack gives the bare reason, and has words of its own for a missing answer."""

from patches import _patching
from patches._patching import conversation


def apply() -> None:
    from ministack.services.cloudformation import custom_resource

    _patching.listen()
    invoke = custom_resource.invoke_custom_resource

    def invoke_custom_resource(*args, **kwargs):
        try:
            return invoke(*args, **kwargs)
        except TimeoutError as error:
            raise TimeoutError(
                "CloudFormation did not receive a response from your Custom Resource. Please check your "
                f"logs for requestId [{conversation.request_id}]. If you are using the Python cfn-response "
                "module, you may need to update your Lambda function code so that CloudFormation can "
                "attach the updated version."
            ) from error
        except RuntimeError as error:
            if str(error) == "Response object is too long.":
                raise
            raise RuntimeError(
                f"Received response status [FAILED] from custom resource. Message returned: {error} "
                f"(RequestId: {conversation.request_id})"
            ) from error

    custom_resource.invoke_custom_resource = invoke_custom_resource
