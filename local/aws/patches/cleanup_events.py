"""After an update, CloudFormation deletes replaced and removed resources in
UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, each with its events. MiniStack deletes them in UPDATE_IN_PROGRESS
without events."""

from patches import _patching


def apply() -> None:
    from ministack.services.cloudformation import stacks

    delete = stacks._delete_resource

    def delete_resource(resource_type, physical_id, props, stack_name=None, logical_id=None):
        from ministack.services.cloudformation import _stacks

        stack = _stacks.get(stack_name) or {}
        state = stack.get("StackStatus")
        # MiniStack begins to delete in UPDATE_IN_PROGRESS only after the last resource was updated.
        if state == "UPDATE_IN_PROGRESS":
            state = stack["StackStatus"] = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
            stacks._add_event(
                stack["StackId"], stack_name, stack_name, "AWS::CloudFormation::Stack", state, "", stack["StackId"]
            )
        if state != "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":
            return delete(resource_type, physical_id, props, stack_name, logical_id)
        event = (stack["StackId"], stack_name, logical_id, resource_type)
        stacks._add_event(*event, "DELETE_IN_PROGRESS", "", physical_id)
        # MiniStack itself writes the event of a failure.
        result = delete(resource_type, physical_id, props, stack_name, logical_id)
        stacks._add_event(*event, "DELETE_COMPLETE", "", physical_id)
        return result

    # Only here, because this module holds the deletes of the stack engine. Other deletes are no clean-up.
    stacks._delete_resource = delete_resource
