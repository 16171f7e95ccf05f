"""Every event has the ServiceToken at its top level and in ResourceProperties. MiniStack sends only the second.
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requests.html)."""

from patches._patching import is_custom_resource_event


def apply() -> None:
    from ministack.services import lambda_svc

    execute = lambda_svc._execute_function_with_config_scope

    def execute_function(func, event):
        if is_custom_resource_event(event):
            event["ServiceToken"] = event["ResourceProperties"].get("ServiceToken", "")
        return execute(func, event)

    lambda_svc._execute_function_with_config_scope = execute_function
