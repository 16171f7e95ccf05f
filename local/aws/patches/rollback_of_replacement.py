"""When an update replaced a custom resource, the rollback of CloudFormation sends an Update with the new id
and with old and new properties swapped. Then it sends a Delete of the new id, unless the answer named it again.
MiniStack sends only the Delete."""

from patches import _patching
from patches._patching import is_custom_resource

# Suffix of a logical id: marks the new object among the resources that the rollback deletes.
MARK = "\0replacement"


def apply() -> None:
    from ministack.services.cloudformation import stacks

    roll_back, delete, add_event = (
        stacks._roll_back_operation,
        stacks._delete_resource,
        stacks._add_event,
    )

    async def roll_back_operation(stack_name, stack_id, stack, operation, *args, **kwargs):
        before = (operation.get("previous_stack") or {}).get("_resources", {})
        now = stack.setdefault("_resources", {})
        replaced = [
            logical_id
            for logical_id in operation.get("created", [])
            if logical_id in before
            and is_custom_resource(before[logical_id].get("ResourceType", ""))
            and before[logical_id]["PhysicalResourceId"] != now[logical_id]["PhysicalResourceId"]
        ]
        created = list(operation.get("created", []))
        for logical_id in replaced:
            new = now[logical_id]
            # MiniStack now takes this for an update in place, and sends the Update back.
            before[logical_id]["PhysicalResourceId"] = new["PhysicalResourceId"]
            # It takes this for a resource that the update created, and deletes it.
            now[logical_id + MARK] = {**new, "LogicalResourceId": logical_id}
            created.append(logical_id + MARK)
        still = [name for name in operation.get("replaced_ids", []) if name not in replaced]
        await roll_back(
            stack_name,
            stack_id,
            stack,
            {**operation, "created": created, "replaced_ids": still},
            *args,
            **kwargs,
        )

    # Ids in the answers to those Updates, by stack id and logical id.
    answered: dict[tuple[str, str], str] = {}
    revert = stacks._revert_update

    async def revert_update(stack_id, stack_name, logical_id, rtype, pid, applied, previous, attrs, record=None):
        await revert(stack_id, stack_name, logical_id, rtype, pid, applied, previous, attrs, record)
        if record is not None:
            answered[stack_id, logical_id] = record["PhysicalResourceId"]

    def delete_resource(resource_type, physical_id, props, stack_name=None, logical_id=None):
        from ministack.services.cloudformation import _stacks

        name, mark, _ = (logical_id or "").partition(MARK)
        if mark and answered.get((_stacks[stack_name]["StackId"], name)) == physical_id:
            return None
        return delete(resource_type, physical_id, props, stack_name, name if mark else logical_id)

    def add_stack_event(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", *more):
        name, mark, _ = logical_id.partition(MARK)
        if mark and answered.get((stack_id, name)) == physical_id:
            return
        add_event(stack_id, stack_name, name, resource_type, status, reason, physical_id, *more)

    _patching.replace(roll_back, roll_back_operation)
    stacks._revert_update = revert_update
    stacks._delete_resource = delete_resource
    stacks._add_event = add_stack_event
