"""After a failed Create, the rollback of CloudFormation sends a Delete, before the Deletes of the resources
that it depends on. The Delete has the id of the answer, or an invented id. MiniStack sends none.

If rollback is disabled, the failed resource stays in the stack, and the deletion of the stack sends the Delete."""

import secrets
import string

from patches import _patching

# By stack id and logical id.
failed_creates: dict[tuple[str, str], dict] = {}


def apply() -> None:
    from ministack.core.responses import now_iso
    from ministack.services.cloudformation import custom_resource, stacks

    _patching.listen()
    invoke, roll_back, deploy = (
        custom_resource.invoke_custom_resource,
        stacks._roll_back_operation,
        stacks._deploy_stack_async,
    )

    def invoke_custom_resource(
        request_type, logical_id, props, stack_name, stack_id, resource_type, *args, **kwargs
    ):
        try:
            return invoke(
                request_type, logical_id, props, stack_name, stack_id, resource_type, *args, **kwargs
            )
        except (RuntimeError, TimeoutError):
            if request_type == "Create":
                failed_creates[stack_id, logical_id] = {
                    "PhysicalResourceId": _patching.take_answer().get("PhysicalResourceId")
                    or f"{stack_name}-{logical_id}-{_suffix()}",
                    "ResourceType": resource_type,
                    "ResourceStatus": "CREATE_FAILED",
                    "LogicalResourceId": logical_id,
                    "Properties": props,
                    "Attributes": {},
                    "Timestamp": now_iso(),
                }
            raise

    async def roll_back_operation(stack_name, stack_id, stack, operation, *args, **kwargs):
        logical_id = operation.get("failed_logical_id")
        record = failed_creates.pop((stack_id, logical_id), None)
        if record is not None:
            stack.setdefault("_resources", {})[logical_id] = record
            # Last in the list, because the rollback deletes in reverse order.
            operation = {**operation, "created": [*operation.get("created", []), logical_id]}
        await roll_back(stack_name, stack_id, stack, operation, *args, **kwargs)

    async def deploy_stack(stack_name, stack_id, *args, **kwargs):
        from ministack.services.cloudformation import _stacks

        await deploy(stack_name, stack_id, *args, **kwargs)
        # Rollback was disabled: the failed resources stay in the stack until its deletion.
        for key in [key for key in failed_creates if key[0] == stack_id]:
            _stacks[stack_name]["_resources"][key[1]] = failed_creates.pop(key)

    custom_resource.invoke_custom_resource = invoke_custom_resource
    _patching.replace(roll_back, roll_back_operation)
    _patching.replace(deploy, deploy_stack)


def _suffix() -> str:
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
