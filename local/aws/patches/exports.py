"""The name of an export is unique in account and region. While another stack imports it, an update cannot
change or remove it. In MiniStack the last export of a name wins."""

from patches import _patching


def apply() -> None:
    from ministack.services.cloudformation import handlers, stacks

    resolve = stacks._resolve_stack_outputs

    def resolve_stack_outputs(
        outputs_defs, conditions, resources, param_values, mappings, stack_name, stack_id
    ):
        from ministack.services.cloudformation import _exports, _stacks

        outputs, exports = resolve(
            outputs_defs, conditions, resources, param_values, mappings, stack_name, stack_id
        )
        for name in exports:
            owner = _exports.get(name, {}).get("StackId", stack_id)
            if owner != stack_id:
                raise ValueError(
                    f"Export with name {name} is already exported by stack {owner.split('/')[1]}"
                )
        for name, old in list(_exports.items()):
            if old["StackId"] != stack_id or exports.get(name, {}).get("Value") == old["Value"]:
                continue
            importers = sorted(
                other
                for other, stack in _stacks.items()
                if other != stack_name
                and not stack.get("StackStatus", "").startswith("DELETE_COMPLETE")
                and name in handlers._imported_export_names(stack, other)
            )
            if importers:
                verb = "updated" if name in exports else "deleted"
                raise ValueError(
                    f"Export {name} cannot be {verb} as it is in use by {' and '.join(importers)}"
                )
        return outputs, exports

    _patching.replace(resolve, resolve_stack_outputs)
